package runstate

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flowls/runner/store"
)

// logFile is one file with output of a task.
type logFile interface {
	stat() (size int64, modified time.Time)
	// end reads the end, at most limit bytes from a line's start, and tells how many bytes come before.
	end(limit int64) (text string, before int64, err error)
	close()
}

func (r *Reader) openLog(ctx context.Context, run *Run, t *Task, name string) (logFile, error) {
	if !t.Store.Elsewhere() {
		file, info, err := r.open(filepath.Join(t.dir, name))
		if err != nil {
			return nil, err
		}
		return &localLog{file, info}, nil
	}
	files, err := r.files(t.Store)
	if err != nil {
		return nil, err
	}
	l := &storedFile{ctx: ctx, files: files, name: taskName(run, t) + "/" + name}
	l.info, err = files.Stat(ctx, l.name)
	return l, err
}

// localLog is a file below the root.
type localLog struct {
	*os.File
	info fs.FileInfo
}

func (l *localLog) stat() (int64, time.Time) { return l.info.Size(), l.info.ModTime() }
func (l *localLog) close()                   { _ = l.Close() } // it was only read

func (l *localLog) end(limit int64) (string, int64, error) {
	size := l.info.Size()
	before := max(0, size-limit)
	buf := make([]byte, size-before)
	n, err := l.ReadAt(buf, before)
	if err != nil && err != io.EOF {
		return "", 0, err
	}
	text, before := fromLine(string(buf[:n]), before)
	return text, before, nil
}

// fromLine begins a text that was cut out of the middle with the next line.
func fromLine(text string, before int64) (string, int64) {
	if before > 0 {
		i := strings.IndexByte(text, '\n') + 1
		before += int64(i)
		text = text[i:]
	}
	return text, before
}

// storedFile is a file of another data store.
type storedFile struct {
	ctx   context.Context
	files store.Files
	name  string
	info  store.Info
}

func (l *storedFile) stat() (int64, time.Time) { return l.info.Size, l.info.Modified }
func (l *storedFile) close()                   {}

func (l *storedFile) end(limit int64) (string, int64, error) {
	before := max(0, l.info.Size-limit)
	if l.info.Size == 0 {
		return "", 0, nil
	}
	file, _, err := l.files.Open(l.ctx, l.name, before)
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit))
	if err != nil {
		return "", 0, fmt.Errorf("%s: %w", l.name, err)
	}
	text, before := fromLine(string(data), before)
	return text, before, nil
}

// open opens a regular file below the root. Links that lead out of the root are refused.
func (r *Reader) open(path string) (*os.File, fs.FileInfo, error) {
	name, err := filepath.Rel(r.Root, path)
	if err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(r.Root)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	// The kind is looked at before the opening: opening a FIFO would block.
	info, err := root.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a file", path)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}
