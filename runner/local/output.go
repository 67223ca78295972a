package local

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"sync"
)

// outputLimit bounds a log and the one before it together. A run that prints
// for a week must not fill the disk; its last lines matter most.
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
	o.out.flush(o.merged)
	o.err.flush(o.merged)
	err := errors.Join(o.merged.close(), o.errors.close())
	o.merged, o.errors = &boundedFile{closed: true}, &boundedFile{closed: true}
	return err
}

// say puts a line of flowls' own into the log.
func (o *output) say(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.merged.write([]byte("[flowls: " + text + "]\n"))
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
