package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Local is a data store in a folder: .metaflow or .metaflow_spin.
type Local struct{ Root string }

// Location is the folder.
func (l Local) Location() string { return l.Root }

// open opens a regular file below the root. Symbolic links are followed within
// the root only; a FIFO or a device in place of a file is refused before
// anything is read, and opening one does not block.
func (l Local) open(name string) (*os.File, fs.FileInfo, error) {
	if err := checkName(name); err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(l.Root)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	// The kind is looked at before the opening as well: opening some devices does something.
	if info, err := root.Stat(name); err != nil {
		return nil, nil, err
	} else if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a file", name)
	}
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", name)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// Stat is that of Files.
func (l Local) Stat(_ context.Context, name string) (Info, error) {
	f, info, err := l.open(name)
	if err != nil {
		return Info{}, err
	}
	defer f.Close()
	return l.info(name, info)
}

// maxAttributes bounds the file <name>_meta.
const maxAttributes = 4096

// info adds what stands in the file <name>_meta, where Metaflow keeps the attributes of a local file.
func (l Local) info(name string, info fs.FileInfo) (Info, error) {
	i := Info{Size: info.Size(), Modified: info.ModTime()}
	f, meta, err := l.open(name + "_meta")
	if errors.Is(err, fs.ErrNotExist) {
		return i, nil
	}
	if err != nil {
		return i, err
	}
	defer f.Close()
	if meta.Size() > maxAttributes {
		return i, fmt.Errorf("%s_meta is not what Metaflow writes", name)
	}
	i.Attributes, err = io.ReadAll(io.LimitReader(f, maxAttributes))
	return i, err
}

// Open is that of Files.
func (l Local) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, Info, error) {
	f, stat, err := l.open(name)
	if err != nil {
		return nil, Info{}, err
	}
	info, err := l.info(name, stat)
	if err == nil && offset > 0 {
		_, err = f.Seek(offset, io.SeekStart)
	}
	if err != nil {
		return nil, Info{}, errors.Join(err, f.Close())
	}
	return localFile{ctx, f}, info, nil
}

// localFile stops reading when its context is done.
type localFile struct {
	ctx context.Context
	*os.File
}

func (f localFile) Read(p []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

// List is that of Files.
func (l Local) List(ctx context.Context, dir string, yield func(Entry) bool) error {
	if err := checkName(dir); err != nil {
		return err
	}
	root, err := os.OpenRoot(l.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := root.OpenFile(dir, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(256)
		for _, e := range entries {
			entry := Entry{Name: e.Name(), Dir: e.IsDir()}
			if info, err := e.Info(); err == nil { // one that is gone by now needs no size
				entry.Info = Info{Size: info.Size(), Modified: info.ModTime()}
			}
			if !yield(entry) {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}
