package local

import (
	"bytes"
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

// readLog reads on where the log was rotated meanwhile.
func readLog(path string, offset int64, ended bool) (Chunk, error) {
	for try := 0; ; try++ {
		c, moved, err := readFiles(path, max(offset, 0), ended)
		if !moved || try == 3 {
			return c, err
		}
	}
}

// part is a file of a log: the output from start to end stands at byte head of it.
type part struct {
	f                *os.File
	start, end, head int64
}

func openPart(path string) (*part, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := &part{f: f}
	info, err := f.Stat()
	if err == nil {
		p.start, p.head, err = readHeader(f)
	}
	if err != nil {
		_ = f.Close() // only read from
		return nil, err
	}
	p.end = p.start + info.Size() - p.head
	return p, nil
}

// from reads the part from a position in the whole output.
func (p *part) from(offset int64) io.Reader {
	return io.NewSectionReader(p.f, p.head+offset-p.start, p.end-offset)
}

// files are those of a log that hold it from some position on, the oldest first
// and without a hole.
type files struct {
	parts []*part
	// moved: they were rotated between the two openings.
	moved bool
}

// openFiles opens the newer file and, for what is before it, the older one. No
// file is no part, and no error.
func openFiles(path string, offset int64, ended bool) (*files, error) {
	l := &files{}
	for _, name := range []string{path, older(path)} {
		p, err := openPart(name)
		if err != nil {
			l.close()
			return nil, err
		}
		if p != nil {
			l.parts = append([]*part{p}, l.parts...)
		}
		if p != nil && p.start <= offset {
			break
		}
	}
	if len(l.parts) == 2 && l.parts[0].end != l.parts[1].start { // a hole: what is left before it is of no use
		l.moved = l.parts[0].end > l.parts[1].start || !ended
		_ = l.parts[0].f.Close() // only read from
		l.parts = l.parts[1:]
	}
	return l, nil
}

func (l *files) close() {
	for _, p := range l.parts {
		_ = p.f.Close() // only read from
	}
}

// start and end are the positions between which there is output.
func (l *files) start() int64 { return l.parts[0].start }
func (l *files) end() int64   { return l.parts[len(l.parts)-1].end }

// from reads from a position in the whole output to the end.
func (l *files) from(offset int64) io.Reader {
	var readers []io.Reader
	for _, p := range l.parts {
		if offset <= p.end {
			readers = append(readers, p.from(max(offset, p.start)))
		}
	}
	return io.MultiReader(readers...)
}

func readFiles(path string, offset int64, ended bool) (c Chunk, moved bool, err error) {
	l, err := openFiles(path, offset, ended)
	if err != nil {
		return Chunk{}, false, err
	}
	defer l.close()
	if len(l.parts) == 0 {
		return Chunk{Next: offset, Done: ended}, false, nil
	}
	prefix := ""
	if offset < l.start() {
		prefix = fmt.Sprintf("[flowls: %d bytes of output were dropped]\n", l.start()-offset)
		offset = l.start()
	}
	if offset > l.end() { // a position that never was: start over rather than wait for ever
		offset = l.start()
	}
	buf, err := io.ReadAll(io.LimitReader(l.from(offset), maxChunk))
	if err != nil {
		return Chunk{}, l.moved, err
	}
	atEnd := offset+int64(len(buf)) >= l.end()
	if !atEnd || !ended {
		if i := bytes.LastIndexByte(buf, '\n'); i >= 0 {
			buf = buf[:i+1]
		} else if len(buf) < maxChunk {
			buf = buf[:0]
		}
	}
	return Chunk{
		Text: prefix + strings.ToValidUTF8(string(buf), "\uFFFD"),
		Next: offset + int64(len(buf)),
		Done: ended && atEnd,
	}, l.moved, nil
}

// readHeader tells how much of the output is before a file, and how long the
// line is that says so.
func readHeader(f *os.File) (before, length int64, err error) {
	buf := make([]byte, maxNote)
	n, err := f.ReadAt(buf, 0)
	if err != nil && err != io.EOF {
		return 0, 0, err
	}
	line, _, found := strings.Cut(string(buf[:n]), "\n")
	if !found {
		return 0, 0, nil
	}
	if _, err := fmt.Sscanf(line, beforePrefix, &before); err != nil {
		return 0, 0, nil // an ordinary first line
	}
	return before, int64(len(line)) + 1, nil
}
