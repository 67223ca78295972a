package workspace

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// marks are files and folders that stand at the top of a project.
var marks = []string{".git", "pyproject.toml", "setup.py", "setup.cfg"}

// Roots are the folders in which the imports of a file are looked for beside
// its own: the given folders around it, the top of its project, and a src
// folder in each.
func Roots(path string, folders []string) []string {
	roots, _ := Around(path, folders)
	return roots
}

// Around are the Roots and the Project of a file.
func Around(path string, folders []string) (roots []string, top string) {
	add := func(dir string) { roots = append(roots, dir, filepath.Join(dir, "src")) }
	for _, f := range folders {
		if f != "" && Within(path, f) {
			add(filepath.Clean(f))
		}
	}
	if top = Project(path); top != "" {
		add(top)
	}
	return roots, top
}

// Project is the nearest folder around a file that looks like the top of a
// project, "" if none does.
func Project(path string) string {
	for dir := filepath.Dir(path); ; {
		for _, mark := range marks {
			if _, err := os.Lstat(filepath.Join(dir, mark)); err == nil {
				return dir
			}
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// Beside are the Python files of a folder, without what is further below.
func Beside(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // what cannot be read is no module
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".py") {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

// Dir is the folder in which Python looks first when it runs the file: that of
// the file itself, if path is a link to it.
func Dir(path string) string {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(real)
		}
	}
	return filepath.Dir(path)
}

// Within reports whether a path is a folder or something in it.
func Within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
