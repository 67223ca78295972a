// Package project finds and reads the pyproject.toml that a file's findings
// are configured by.
package project

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"flowls/analysis/config"
	"flowls/analysis/text"
)

// FileName is the name of the files that hold a configuration.
const FileName = "pyproject.toml"

// maxSize is the largest file that is read, in bytes.
const maxSize = 1 << 20

// Project is a pyproject.toml with a table [tool.flowls]. It never changes.
type Project struct {
	File     string // its path
	Layer    config.Layer
	Problems []config.Problem
	Text     *text.Text
}

// In is the layer for a file, given by its absolute path.
func (p *Project) In(file string) config.Layer {
	if p == nil {
		return config.Layer{}
	}
	rel, err := filepath.Rel(filepath.Dir(p.File), file)
	if err != nil {
		rel = ""
	}
	return p.Layer.In(filepath.ToSlash(rel))
}

// Loader finds projects. It asks the disk once for each folder, until Refresh.
type Loader struct {
	mu      sync.Mutex
	folders map[string]*Project // by folder: what holds in it
	files   map[string]*read    // by path of a pyproject.toml that exists
}

// read is a pyproject.toml as it was found.
type read struct {
	modified time.Time
	size     int64
	project  *Project // nil without a table
}

// NewLoader is a loader that has asked nothing yet.
func NewLoader() *Loader {
	return &Loader{folders: map[string]*Project{}, files: map[string]*read{}}
}

// Folder is the project that configures what lies in a folder, given by its
// absolute path: the nearest pyproject.toml with a table [tool.flowls] in it
// or above, up to the root of the repository; nil if there is none.
func (l *Loader) Folder(dir string) *Project {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.folder(dir)
}

func (l *Loader) folder(dir string) *Project {
	var asked []string
	var found *Project
	for {
		known, ok := l.folders[dir]
		if ok {
			found = known
			break
		}
		asked = append(asked, dir)
		if found = l.file(filepath.Join(dir, FileName)); found != nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir || isRepository(dir) {
			break
		}
		dir = up
	}
	for _, dir := range asked {
		l.folders[dir] = found
	}
	return found
}

// Refresh looks at the disk again, and reports whether anything is different.
func (l *Loader) Refresh() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.folders
	l.folders = make(map[string]*Project, len(before))
	changed := false
	for dir, was := range before {
		changed = l.folder(dir) != was || changed
	}
	return changed
}

// isRepository: .git is a folder, or a file in a worktree or a submodule.
func isRepository(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}

// file reads a pyproject.toml, unless it is as it was.
func (l *Loader) file(path string) *Project {
	info, err := os.Stat(path)
	if err != nil { // whatever it is, nobody could configure anything there
		delete(l.files, path)
		return nil
	}
	was := l.files[path]
	if was != nil && was.modified.Equal(info.ModTime()) && was.size == info.Size() {
		return was.project
	}
	now := &read{modified: info.ModTime(), size: info.Size()}
	l.files[path] = now
	src, err := load(path, info)
	if err != nil { // it may hold a table
		now.project = &Project{File: path, Text: text.New(nil), Problems: []config.Problem{{Message: "This file " + err.Error() + ", so it configures nothing."}}}
		return now.project
	}
	layer, found, problems := config.Parse(src)
	if found {
		now.project = &Project{File: path, Problems: problems, Text: text.New(src)}
		switch {
		case layer != nil:
			now.project.Layer = *layer
		case was != nil && was.project != nil:
			now.project.Layer = was.project.Layer // half-written: what held goes on
		}
	}
	return now.project
}

func load(path string, info fs.FileInfo) ([]byte, error) {
	// Opening a named pipe would block.
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be read (%w)", cause(err))
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot be read (%w)", cause(err))
	case len(src) > maxSize:
		return nil, fmt.Errorf("is larger than %d MiB", maxSize>>20)
	}
	return bytes.TrimPrefix(src, []byte("\ufeff")), nil
}

func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
