package local

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// outputLimit is the size at which a log drops its older half. A run that
// prints for a week must not fill the disk; its last lines matter most.
const outputLimit = 64 << 20

// maxLine bounds what is held of a line that has not ended yet.
const maxLine = 64 << 10

// output writes both streams of a run to its log files.
type output struct {
	mu     sync.Mutex
	merged *boundedFile
	errors *boundedFile
	out    lineBuffer
	err    lineBuffer
}

func openOutput(dir string) (*output, error) {
	merged, err := openBounded(filepath.Join(dir, outputFile), outputLimit)
	if err != nil {
		return nil, err
	}
	errs, err := openBounded(filepath.Join(dir, stderrFile), outputLimit)
	if err != nil {
		merged.close()
		return nil, err
	}
	return &output{merged: merged, errors: errs}, nil
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func (o *output) stdout() io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.out.add(p, o.merged)
		// Never an error: the run must not die because the disk is full.
		return len(p), nil
	})
}

func (o *output) stderr() io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.errors.write(p)
		o.err.add(p, o.merged)
		return len(p), nil
	})
}

func (o *output) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.merged == nil {
		return nil
	}
	o.out.flush(o.merged)
	o.err.flush(o.merged)
	err := o.merged.close()
	if e := o.errors.close(); err == nil {
		err = e
	}
	o.merged, o.errors = &boundedFile{}, &boundedFile{}
	return err
}

// lineBuffer keeps the unfinished line of one stream back, so that lines of two
// streams do not run into each other.
type lineBuffer struct{ rest []byte }

func (b *lineBuffer) add(p []byte, to *boundedFile) {
	end := bytes.LastIndexByte(p, '\n') + 1
	if end > 0 {
		to.write(append(b.rest, p[:end]...))
		b.rest = b.rest[:0]
	}
	b.rest = append(b.rest, p[end:]...)
	if len(b.rest) > maxLine {
		to.write(b.rest)
		b.rest = b.rest[:0]
	}
}

func (b *lineBuffer) flush(to *boundedFile) {
	if len(b.rest) > 0 {
		to.write(append(b.rest, '\n'))
		b.rest = nil
	}
}

// boundedFile is a log that never grows beyond limit. When it would, its older
// half is dropped and a first line says how much is missing, so that the
// position of a byte in the whole output can still be told (see ReadLog).
type boundedFile struct {
	path    string
	f       *os.File
	size    int64 // of the file
	dropped int64 // bytes of output that are no longer in the file
	header  int64 // length of the first line that says so
	limit   int64
	err     error // the first write error; later output is lost
}

const droppedFormat = "[flowls: the first %d bytes of output were dropped]\n"

func openBounded(path string, limit int64) (*boundedFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return &boundedFile{path: path, f: f, limit: limit}, nil
}

func (b *boundedFile) write(p []byte) {
	if b.f == nil || b.err != nil {
		return
	}
	for len(p) > 0 {
		if b.size >= b.limit {
			if b.err = b.rotate(); b.err != nil {
				return
			}
		}
		n := min(int64(len(p)), b.limit-b.size)
		w, err := b.f.Write(p[:n])
		b.size += int64(w)
		if err != nil {
			b.err = err
			return
		}
		p = p[n:]
	}
}

// rotate replaces the file by one with its newer half, cut at a line's start.
func (b *boundedFile) rotate() error {
	keep := make([]byte, b.limit/2)
	if _, err := b.f.ReadAt(keep, b.size-int64(len(keep))); err != nil {
		return err
	}
	if i := bytes.IndexByte(keep, '\n'); i >= 0 && i+1 < len(keep) {
		keep = keep[i+1:]
	}
	dropped := b.dropped + (b.size - b.header) - int64(len(keep))
	head := fmt.Sprintf(droppedFormat, dropped)
	f, err := os.CreateTemp(filepath.Dir(b.path), ".tmp-*")
	if err != nil {
		return err
	}
	if _, err = f.WriteString(head); err == nil {
		_, err = f.Write(keep)
	}
	if err == nil {
		err = os.Rename(f.Name(), b.path)
	}
	if err != nil {
		f.Close()
		os.Remove(f.Name())
		return err
	}
	b.f.Close()
	b.f, b.dropped, b.header = f, dropped, int64(len(head))
	b.size = b.header + int64(len(keep))
	return nil
}

func (b *boundedFile) close() error {
	if b.f == nil {
		return nil
	}
	err := b.f.Close()
	b.f = nil
	if b.err != nil {
		return b.err
	}
	return err
}
