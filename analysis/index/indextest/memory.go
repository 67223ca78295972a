// Package indextest has workspaces for tests that are nowhere on disk.
package indextest

import (
	"errors"
	"strings"

	"flowls/analysis/index"
	"flowls/analysis/text"
)

// Memory is a workspace by absolute path. A text that begins with a zero byte
// cannot be read.
type Memory map[string]*text.Text

// Read implements index.Reader.
func (m Memory) Read(path string) (*text.Text, error) {
	t := m[path]
	if t != nil && strings.HasPrefix(string(t.Bytes()), "\x00") {
		return nil, errors.New("is binary")
	}
	return t, nil
}

// IsDir implements index.Reader.
func (m Memory) IsDir(path string) bool {
	for p := range m {
		if strings.HasPrefix(p, path+"/") {
			return true
		}
	}
	return false
}

// Names are those of all files.
func (m Memory) Names() *index.Names {
	files := map[string]index.Summary{}
	for path, t := range m {
		files[path] = index.Summarise(path, t, text.UTF8, true)
	}
	return index.NewNames(files, true)
}

// Alone is the site of the only file of a workspace.
func Alone(src []byte) *index.Site {
	m := Memory{"/w/flow.py": text.New(src)}
	return &index.Site{Index: index.New(m), Path: "/w/flow.py", Flows: m.Names}
}
