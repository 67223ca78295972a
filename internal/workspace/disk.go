// Package workspace reads the files that others import from: bounded, only
// when asked, and no more often than they change.
package workspace

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"

	"flowls/analysis/text"
	"flowls/internal/source"
)

// maxTexts is how many files are kept in memory.
const maxTexts = 512

// Disk is an index.Reader for files on disk.
type Disk struct {
	// Open gives the text of a file that an editor has open, nil for others.
	Open func(path string) *text.Text
	// Frozen: files do not change while we look, so each is looked at once.
	Frozen bool

	mu    sync.Mutex
	texts map[string]*version
	gone  map[string]bool // while frozen: what is not there
}

// version is a file as it was at one time.
type version struct {
	size    int64
	changed time.Time
	read    sync.Once
	text    *text.Text
	err     error
}

// Read implements index.Reader: what is not a regular file is not there, as
// for Python.
func (d *Disk) Read(path string) (*text.Text, error) {
	if d.Open != nil {
		if t := d.Open(path); t != nil {
			return t, nil
		}
	}
	d.mu.Lock()
	known, gone := d.texts[path], d.gone[path]
	d.mu.Unlock()
	if gone {
		return nil, nil
	}
	if known == nil || !d.Frozen {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			if err = unless(err, fs.ErrNotExist, syscall.ENOTDIR); err == nil {
				d.forget(path)
			}
			return nil, err
		}
		known = d.version(path, info)
	}
	known.read.Do(func() {
		var src []byte
		if src, known.err = source.ReadFile(path); known.err == nil {
			known.text = text.New(src)
		}
	})
	return known.text, known.err
}

// unless is err in plain words, nil if it is one of those.
func unless(err error, those ...error) error {
	if err == nil {
		return nil
	}
	for _, that := range those {
		if errors.Is(err, that) {
			return nil
		}
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return errors.New("cannot be read: " + err.Error())
}

// version is the version of a file that is on disk.
func (d *Disk) version(path string, info fs.FileInfo) *version {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.texts[path]
	if known != nil && (d.Frozen || known.size == info.Size() && known.changed.Equal(info.ModTime())) {
		return known
	}
	if d.texts == nil {
		d.texts = map[string]*version{}
	}
	for old := range d.texts { // any: what is needed again is read again
		if len(d.texts) < maxTexts {
			break
		}
		delete(d.texts, old)
	}
	known = &version{size: info.Size(), changed: info.ModTime()}
	d.texts[path] = known
	return known
}

// forget drops what is known of a file that is not there.
func (d *Disk) forget(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.texts, path)
	if d.Frozen {
		if d.gone == nil {
			d.gone = map[string]bool{}
		}
		d.gone[path] = true
	}
}

// Changed has the file read again, whatever its size and time say.
func (d *Disk) Changed(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.texts, path)
}

// IsDir implements index.Reader.
func (d *Disk) IsDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
