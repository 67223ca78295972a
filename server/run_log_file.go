package server

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flowls/runner/local"
	"flowls/runner/store"
)

const (
	// maxLogCopy bounds the copy of a task's log, in bytes; its end is left out.
	maxLogCopy = 32 << 20
	// keptLogCopies is how many copies are kept.
	keptLogCopies = 40
)

// writeTaskLog writes the log of a task, as far as there is one now, into a file
// of a folder for such copies: an editor opens files.
func writeTaskLog(ctx context.Context, dir string, l *local.TaskLog) (path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriter(f)
	if err := copyLog(ctx, w, l); err != nil {
		return "", err
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	name := strings.Join([]string{l.Flow, l.Run, l.Step, l.Task}, "-")
	if l.Attempt != local.AllAttempts {
		name += "-" + string(rune('0'+l.Attempt%10))
	}
	path = filepath.Join(dir, name+".log")
	if err := os.Rename(f.Name(), path); err != nil {
		return "", err
	}
	pruneLogs(dir)
	return path, nil
}

func copyLog(ctx context.Context, w *bufio.Writer, l *local.TaskLog) error {
	cursor, size := "", 0
	for {
		p, err := store.Together(ctx, func(ctx context.Context) (local.LogPiece, error) { return l.Read(ctx, cursor) })
		if err != nil {
			return err
		}
		for i := range p.Lines {
			p.Lines[i].Text = local.Plain(p.Lines[i].Text)
		}
		text := p.Text()
		if size += len(text); size > maxLogCopy {
			_, err := w.WriteString("[flowls: the rest is not shown]\n")
			return err
		}
		if _, err := w.WriteString(text); err != nil {
			return err
		}
		if p.Done || p.Cursor == cursor {
			return closing(w, p)
		}
		cursor = p.Cursor
	}
}

func closing(w *bufio.Writer, p local.LogPiece) error {
	text := ""
	switch {
	case p.Waiting != "":
		text = "[flowls: " + p.Waiting + "]\n"
	case !p.Done:
		text = "[flowls: the task goes on; show the log again for more]\n"
	}
	_, err := w.WriteString(text)
	return err
}

// pruneLogs removes the oldest copies. Failing to is no reason not to show a log.
func pruneLogs(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var logs []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), ".log") && info.Mode().IsRegular() {
			logs = append(logs, info)
		}
	}
	slices.SortFunc(logs, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), strings.Compare(a.Name(), b.Name()))
	})
	for _, old := range logs[min(len(logs), keptLogCopies):] {
		if err := os.Remove(filepath.Join(dir, old.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return
		}
	}
}
