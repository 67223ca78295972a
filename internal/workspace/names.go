package workspace

import (
	"context"

	"flowls/analysis/index"
	"flowls/analysis/text"
	"flowls/internal/source"
	"flowls/internal/walk"
)

// What is read at most to know the names of a workspace.
const (
	maxNamed      = 20_000
	maxNamedBytes = 256 << 20
)

// Names reads the names of all Python files in folders, apart from those that
// ignore files leave out. A workspace that is too large, or in which something
// cannot be read, is not whole. Columns count in enc. It ends early, with nil,
// when ctx does.
func Names(ctx context.Context, folders []string, enc text.Encoding, read func(path string) (*text.Text, error)) *index.Names {
	files := map[string]index.Summary{}
	whole, size := len(folders) > 0, 0
	for item := range walk.Files(folders) {
		if ctx.Err() != nil {
			return nil
		}
		if item.Err != nil {
			whole = whole && item.Err == walk.ErrNoPython
			continue
		}
		t, err := read(item.Path)
		if t == nil || err != nil {
			whole = false
			continue
		}
		if size += t.Len(); len(files) == maxNamed || size > maxNamedBytes {
			whole = false
			break
		}
		files[item.Path] = Summary(item.Path, t, enc)
	}
	return index.NewNames(files, whole)
}

// Summary is what a file adds to the names.
func Summary(path string, t *text.Text, enc text.Encoding) index.Summary {
	return index.Summarise(path, t, enc, source.MayHoldFlow(t.Bytes()))
}
