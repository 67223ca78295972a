// Package index knows what the files of a workspace define for each other. It
// reads nothing by itself: a Reader gives it the files that are asked for.
package index

import (
	"sync"

	"flowls/analysis/flow"
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

// Reader gives the files of a workspace. Its methods may be called by many
// goroutines at once.
type Reader interface {
	// Read is the text of the file at an absolute path: nil if there is none,
	// an error in plain words if it cannot be read. The same *text.Text means
	// that nothing has changed.
	Read(path string) (*text.Text, error)
	// IsDir reports whether there is a folder.
	IsDir(path string) bool
}

// maxFiles is how many parsed files are kept.
const maxFiles = 512

// Index holds files as they were last read, parsed once each. It is safe for
// many goroutines.
type Index struct {
	reader Reader

	mu     sync.Mutex
	files  map[string]*file
	number int // of the last module
}

// New is an empty index.
func New(reader Reader) *Index { return &Index{reader: reader, files: map[string]*file{}} }

// file is one version of a file.
type file struct {
	text   *text.Text
	number int
	before *syntax.AST // of the version before
	parse  sync.Once
	ast    *syntax.AST
	read   sync.Once
	module *flow.Module
}

// file is the current version of a file, nil if there is none.
func (x *Index) file(path string) (*file, error) {
	t, err := x.reader.Read(path)
	if t == nil || err != nil {
		x.mu.Lock()
		delete(x.files, path)
		x.mu.Unlock()
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	known := x.files[path]
	if known != nil && known.text == t {
		return known, nil
	}
	x.number++
	f := &file{text: t, number: x.number}
	if known != nil {
		f.before = known.ast
	}
	for old := range x.files { // any: what is needed again is read again
		if len(x.files) < maxFiles {
			break
		}
		delete(x.files, old)
	}
	x.files[path] = f
	return f, nil
}

// syntax is the tree of the file as plain values.
func (f *file) syntax() *syntax.AST {
	f.parse.Do(func() {
		tree := syntax.Once(f.text)
		defer tree.Close()
		f.ast = tree.AST(f.before)
		f.before = nil
	})
	return f.ast
}

// asModule is the file for those that import from it.
func (f *file) asModule(path string, dirs []string) *flow.Module {
	f.read.Do(func() { f.module = flow.ReadModule(path, dirs, f.text, f.syntax(), f.number) })
	return f.module
}
