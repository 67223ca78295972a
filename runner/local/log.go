package local

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Chunk is a piece of a run's output.
type Chunk struct {
	Text string
	// Next is the position behind the piece, in bytes of the whole output: pass it to read on.
	Next int64
	// Done: the run has ended and there is no more.
	Done bool
}

// maxChunk bounds one piece, in bytes.
const maxChunk = 256 << 10

// ReadLog reads the run's output from a position in the whole output. Where
// older output was dropped meanwhile, the piece starts with a line that says so.
// Except for the last piece and for overlong lines, pieces end at a line's end.
func (g *Registry) ReadLog(id string, offset int64) (Chunk, error) {
	r, err := g.Get(id)
	if err != nil {
		return Chunk{}, err
	}
	// The status was read first: what is written after that is found by the next call,
	// unless the run was done, and then nothing is written after.
	return readLog(r.OutputPath(), offset, r.Status.Done())
}

func readLog(path string, offset int64, ended bool) (Chunk, error) {
	offset = max(offset, 0)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Chunk{Next: offset, Done: ended}, nil
	}
	if err != nil {
		return Chunk{}, err
	}
	defer f.Close()
	dropped, header, err := readHeader(f)
	if err != nil {
		return Chunk{}, err
	}
	info, err := f.Stat()
	if err != nil {
		return Chunk{}, err
	}
	prefix := ""
	if offset < dropped {
		prefix = fmt.Sprintf("[flowls: %d bytes of output were dropped]\n", dropped-offset)
		offset = dropped
	}
	at := offset - dropped + header
	if at > info.Size() { // a position that never was: start over rather than wait for ever
		at, offset = header, dropped
	}
	buf := make([]byte, min(maxChunk, info.Size()-at))
	n, err := f.ReadAt(buf, at)
	if err != nil && err != io.EOF {
		return Chunk{}, err
	}
	buf = buf[:n]
	last := at+int64(n) >= info.Size()
	if !last || !ended {
		if i := strings.LastIndexByte(string(buf), '\n'); i >= 0 {
			buf = buf[:i+1]
		} else if n < maxChunk {
			buf = buf[:0]
		}
	}
	return Chunk{
		Text: prefix + strings.ToValidUTF8(string(buf), "\uFFFD"),
		Next: offset + int64(len(buf)),
		Done: ended && last,
	}, nil
}

func readHeader(f *os.File) (dropped, header int64, err error) {
	buf := make([]byte, 128)
	n, err := f.ReadAt(buf, 0)
	if err != nil && err != io.EOF {
		return 0, 0, err
	}
	line, _, found := strings.Cut(string(buf[:n]), "\n")
	if !found {
		return 0, 0, nil
	}
	if _, err := fmt.Sscanf(line+"\n", droppedFormat, &dropped); err != nil {
		return 0, 0, nil // an ordinary first line
	}
	return dropped, int64(len(line)) + 1, nil
}
