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
	return names(ctx, folders, read, func(path string, t *text.Text) index.Summary { return Summary(path, t, enc) })
}

// Bases are names that know no flows and steps, only which classes others build
// on: no file is parsed for them. A path may be that of a file.
func Bases(ctx context.Context, paths []string, read func(path string) (*text.Text, error)) *index.Names {
	return names(ctx, paths, read, func(path string, t *text.Text) index.Summary {
		return index.Summarise(path, t, text.UTF8, false)
	})
}

func names(ctx context.Context, paths []string, read func(path string) (*text.Text, error), summary func(path string, t *text.Text) index.Summary) *index.Names {
	files := map[string]index.Summary{}
	whole, size := len(paths) > 0, 0
	for item := range walk.Files(paths) {
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
		files[item.Path] = summary(item.Path, t)
	}
	return index.NewNames(files, whole)
}

// Summary is what a file adds to the names.
func Summary(path string, t *text.Text, enc text.Encoding) index.Summary {
	return index.Summarise(path, t, enc, source.MayHoldFlow(t.Bytes()))
}
