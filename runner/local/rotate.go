package local

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// boundedFile is a log in two files that together never grow beyond a limit:
// when the newer one is half of it, it takes the place of the older one. The
// first line of a later file says how much of the output was before it, so that
// the position of a byte in the whole output can still be told (see ReadLog).
//
// What cannot be written is lost, and the run goes on: it must not die because
// the disk is full. Once there is room again, a line says how much is missing.
type boundedFile struct {
	path   string
	f      *os.File // nil: could not be opened, or closed
	closed bool
	size   int64 // of the newer file
	header int64 // length of its first line, if that is ours
	before int64 // bytes of output in earlier files
	half   int64

	lost    int64 // bytes since the last that were written
	missing int64 // all bytes that were lost
	err     error // why
	torn    bool  // the last line was cut off
}

const (
	// beforePrefix begins the first line of every file but the first.
	beforePrefix = "[flowls: the first %d bytes of output "
	beforeFormat = beforePrefix + "are not here; %s holds the last of them]\n"
	lostFormat   = "[flowls: %d bytes of output were lost here: %v]\n"
)

// maxNote bounds the lines above.
const maxNote = 256

func openBounded(path string, limit int64) (*boundedFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &boundedFile{path: path, f: f, half: limit / 2}, nil
}

// older is the file that holds what came before the one at path.
func older(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + ".1" + ext
}

func (b *boundedFile) write(p []byte) {
	if b.closed {
		return
	}
	for len(p) > 0 {
		room := b.half - b.size
		if int64(len(p)) > room && b.size > b.header {
			n := bytes.LastIndexByte(p[:max(room, 0)], '\n') + 1
			if b.put(p[:n]); b.rotate() != nil {
				b.lose(len(p)-n, b.err)
				return
			}
			p = p[n:]
			continue
		}
		n := min(int64(len(p)), max(room, 1)) // a line longer than a file is cut
		b.put(p[:n])
		p = p[n:]
	}
}

// put writes to the newer file.
func (b *boundedFile) put(p []byte) {
	if len(p) == 0 {
		return
	}
	if b.f == nil && b.begin() != nil {
		b.lose(len(p), b.err)
		return
	}
	if b.lost > 0 && !b.note() {
		b.lose(len(p), b.err)
		return
	}
	n, err := b.f.Write(p)
	b.size += int64(n)
	if n > 0 {
		b.torn = p[n-1] != '\n'
	}
	if err != nil {
		b.lose(len(p)-n, err)
	}
}

func (b *boundedFile) lose(n int, err error) {
	b.lost, b.missing, b.err = b.lost+int64(n), b.missing+int64(n), err
}

// note says how much was lost, if that can be written.
func (b *boundedFile) note() bool {
	text := fmt.Sprintf(lostFormat, b.lost, reason(b.err))
	if b.torn {
		text = "\n" + text
	}
	n, err := b.f.WriteString(text)
	if err != nil {
		_ = b.f.Truncate(b.size) // half of a note is none
		_, _ = b.f.Seek(b.size, 0)
		b.err = err
		return false
	}
	b.size, b.lost, b.torn = b.size+int64(n), 0, false
	return true
}

// rotate makes the newer file the older one and begins another.
func (b *boundedFile) rotate() error {
	if b.f != nil {
		_ = b.f.Close() // what was written is written
		b.f = nil
	}
	if err := os.Rename(b.path, older(b.path)); err != nil && !errors.Is(err, os.ErrNotExist) {
		b.err = err
		return err
	}
	b.before += b.size - b.header
	b.size, b.header = 0, 0
	return b.begin()
}

// begin makes the newer file. It is renamed to its name with its first line: a
// reader must not take it for the whole output.
func (b *boundedFile) begin() error {
	head := fmt.Sprintf(beforeFormat, b.before, filepath.Base(older(b.path)))
	f, err := os.CreateTemp(filepath.Dir(b.path), ".tmp-*")
	if err != nil {
		b.err = err
		return err
	}
	if _, err = f.WriteString(head); err == nil {
		err = os.Rename(f.Name(), b.path)
	}
	if err != nil {
		_ = f.Close()
		_ = os.Remove(f.Name())
		b.err = err
		return err
	}
	b.f, b.size, b.header, b.torn = f, int64(len(head)), int64(len(head)), false
	return nil
}

// close reports what was lost.
func (b *boundedFile) close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	var err error
	if b.f != nil {
		if b.lost > 0 {
			b.note()
		}
		err = b.f.Close()
		b.f = nil
	}
	if b.missing > 0 {
		return fmt.Errorf("%s: %d bytes of output were lost: %w", filepath.Base(b.path), b.missing, reason(b.err))
	}
	return err
}

// reason is an error without the path, which is ours and of no interest.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
