// Package walk finds the Python files that a user means by a list of paths.
package walk

import (
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flowls/internal/gitignore"
)

// Item is one thing found: a file to read, or a place that could not be walked.
type Item struct {
	// Path is as the user would write it: below the given path.
	Path string
	// Given means that the user named this very path.
	Given bool
	// Err says why the path could not be walked, nil for a file to read.
	Err error
}

// ErrNoPython is the Err of a given folder in which no Python file was found.
var ErrNoPython = errors.New("no Python files found")

// skippedNames are folders that hold no flows of the user's own.
var skippedNames = map[string]bool{
	".git": true, ".hg": true, ".svn": true, ".venv": true, ".tox": true, ".nox": true, ".eggs": true,
	"node_modules": true, "__pycache__": true, "__pypackages__": true, "site-packages": true, "dist-packages": true,
	".metaflow": true, ".metaflow_spin": true, ".mypy_cache": true, ".ruff_cache": true, ".pytest_cache": true, ".ipynb_checkpoints": true,
}

// Files yields the files of paths in a stable order: paths as given, folders
// entry by entry in byte order of their names. A file that is reached twice is
// yielded once. What a .gitignore or .git/info/exclude leaves out, virtual
// environments and caches are skipped, unless given by name.
//
// A link to a folder is followed once, when it leads out of what is walked
// anyway; so a loop of links ends.
func Files(paths []string) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		w := &walker{yield: yield, seen: map[string]bool{}}
		for _, p := range paths {
			if !w.given(p) {
				return
			}
		}
	}
}

type walker struct {
	yield func(Item) bool
	// seen holds the real paths of folders walked and of files yielded.
	seen map[string]bool
	// roots are the real paths of the folders that are being walked or were.
	roots []string
	found int
}

// given walks one path of the user; false means stop.
func (w *walker) given(path string) bool {
	path = filepath.Clean(path)
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		// Reading it tells what is wrong, in one place.
		return w.file(path, "", true)
	}
	found := w.found
	if !w.root(path, true) {
		return false
	}
	if w.found == found {
		return w.yield(Item{Path: path, Given: true, Err: ErrNoPython})
	}
	return true
}

// root walks a folder that is not reached through its parent.
func (w *walker) root(path string, given bool) bool {
	real, err := realPath(path)
	if err != nil {
		return w.yield(Item{Path: path, Given: given, Err: err})
	}
	if w.seen[real] {
		w.found++ // walked before: its files are known
		return true
	}
	w.roots = append(w.roots, real)
	return w.dir(path, real, gitignore.Above(real), given)
}

// dir walks the folder path, whose real absolute path is real.
func (w *walker) dir(path, real string, scope *gitignore.Scope, given bool) bool {
	w.seen[real] = true
	scope, err := scope.Enter(real)
	if err != nil && !w.yield(Item{Path: filepath.Join(path, ".gitignore"), Err: plain(err)}) {
		return false
	}
	entries, err := os.ReadDir(real)
	if err != nil && !w.yield(Item{Path: path, Given: given, Err: plain(err)}) {
		return false
	}
	for _, e := range entries {
		name := e.Name()
		at, realAt := filepath.Join(path, name), filepath.Join(real, name)
		link := e.Type()&fs.ModeSymlink != 0
		switch {
		case e.IsDir():
			if w.seen[realAt] || skippedNames[name] || environment(realAt) || scope.Ignored(realAt, true) {
				continue
			}
			if !w.dir(at, realAt, scope, false) {
				return false
			}
		case link && linksToDir(realAt):
			// To Git a link is a file, so rules for folders do not touch it.
			if skippedNames[name] || environment(realAt) || scope.Ignored(realAt, false) || w.loops(realAt) {
				continue
			}
			if !w.root(at, false) {
				return false
			}
		case filepath.Ext(name) == ".py" && !scope.Ignored(realAt, false):
			if link {
				realAt = ""
			}
			if !w.file(at, realAt, false) {
				return false
			}
		}
	}
	return true
}

// file yields a file once, under the first name that leads to it; real is its
// real path, "" if that has to be asked.
func (w *walker) file(path, real string, given bool) bool {
	w.found++
	if real == "" {
		real, _ = realPath(path)
	}
	if real != "" && w.seen[real] {
		return true
	}
	w.seen[real] = true
	return w.yield(Item{Path: path, Given: given})
}

// loops says whether the folder behind a link is walked anyway, or holds what
// is being walked.
func (w *walker) loops(link string) bool {
	real, err := realPath(link)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(w.roots, func(root string) bool { return within(real, root) || within(root, real) })
}

func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func linksToDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// environment says whether dir is a virtual or conda environment.
func environment(dir string) bool {
	for _, mark := range []string{"pyvenv.cfg", "conda-meta"} {
		if _, err := os.Lstat(filepath.Join(dir, mark)); err == nil {
			return true
		}
	}
	return false
}

func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", plain(err)
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return "", plain(err)
	}
	return real, nil
}

func plain(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return errors.New("cannot be read: permission denied")
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return err
}
