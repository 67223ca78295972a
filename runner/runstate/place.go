package runstate

import (
	"errors"
	"fmt"
	"path/filepath"

	"flowls/runner/store"
)

// Place is a data store other than the folder with the metadata.
type Place struct {
	Kind string // as Metaflow names it: s3, azure, gs, local
	Root string // s3://bucket/prefix
}

// Elsewhere: the data are not beside the metadata.
func (p Place) Elsewhere() bool { return p != Place{} }

// ErrElsewhere: the values are in a data store that is not read.
var ErrElsewhere = errors.New("stored elsewhere")

// files are those of the data store of a task, or of an artifact.
func (r *Reader) files(at Place) (store.Files, error) {
	if !at.Elsewhere() {
		return store.Local{Root: r.Root}, nil
	}
	if at.Kind == "local" && filepath.IsAbs(at.Root) && filepath.Base(at.Root) == rootName {
		return store.Local{Root: at.Root}, nil
	}
	if r.Open != nil {
		if files, err := r.Open(at); err != nil || files != nil {
			return files, err
		}
	}
	return nil, fmt.Errorf("%w: in %s", ErrElsewhere, at.Root)
}

// Files are those of the data store at a place; ErrElsewhere if it is not read.
func (r *Reader) Files(at Place) (store.Files, error) { return r.files(at) }

// Readable reports whether what is stored at a place can be read.
func (r *Reader) Readable(at Place) bool {
	_, err := r.files(at)
	return err == nil
}
