// Package store reads what Metaflow keeps in its data stores: files by name, and
// below them the blobs of artifacts, with bounds on what is read whatever the
// files say. A store is a local folder or a bucket of S3, laid out alike.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// ErrTooLarge: the file or blob is larger than the caller allows.
var ErrTooLarge = errors.New("larger than the limit")

// Files are the files of a data store. Names are relative to its root, with
// slashes: "TrainFlow/17953431/start/1/0.data.json". A name that does not exist
// gives an error for which errors.Is(err, fs.ErrNotExist) holds. Nothing is
// ever written.
type Files interface {
	// Stat tells of a file without reading it.
	Stat(ctx context.Context, name string) (Info, error)
	// Open opens a file for reading from offset on. The reader fails once ctx
	// is done. One that is an io.Seeker as well moves without reading.
	Open(ctx context.Context, name string, offset int64) (io.ReadCloser, Info, error)
	// List yields the files and folders directly in a folder, in no certain
	// order, until yield returns false. A folder that does not exist is empty
	// in a bucket and an error in a file system.
	List(ctx context.Context, dir string, yield func(Entry) bool) error
	// Location is where the files are, for messages.
	Location() string
}

// Ranger are Files that fetch a piece of a file without opening more of it.
type Ranger interface {
	// ReadRange reads length bytes from offset on, fewer at the end of the file.
	ReadRange(ctx context.Context, name string, offset, length int64) ([]byte, Info, error)
}

// Info is what a store knows of a file.
type Info struct {
	Size     int64
	Modified time.Time
	// Attributes are what Metaflow noted beside the file: a JSON object, nil if there is none.
	Attributes []byte
}

// Entry is a file or folder of a listing.
type Entry struct {
	Name string // last part of the name
	Dir  bool
	Info Info // of a file, without Attributes
}

// ReadFile reads a whole file of at most limit bytes.
func ReadFile(ctx context.Context, files Files, name string, limit int64) ([]byte, error) {
	r, info, err := files.Open(ctx, name, 0)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if info.Size > limit {
		return nil, fmt.Errorf("%s: %w", name, ErrTooLarge)
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: %w", name, ErrTooLarge)
	}
	return data, nil
}

// checkName keeps a name from leaving the store.
func checkName(name string) error {
	if name == "" || !fs.ValidPath(name) {
		return fmt.Errorf("%q is not a name in a data store", name)
	}
	return nil
}
