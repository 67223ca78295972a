package cli

import (
	"encoding/json"
	"io"
	"slices"
	"time"

	"flowls/runner/local"
)

// logRecord is one line with --format json.
type logRecord struct {
	Task    string     `json:"task,omitempty"` // STEP/TASK
	Attempt *int       `json:"attempt,omitempty"`
	Time    *time.Time `json:"time,omitempty"`
	Stream  string     `json:"stream,omitempty"`
	Text    string     `json:"text"`
	Note    bool       `json:"note,omitempty"` // flowls says it, the task did not
}

func records(l *local.TaskLog, piece local.LogPiece) []logRecord {
	var out []logRecord
	task := l.Step + "/" + l.Task
	for _, note := range piece.Notes {
		out = append(out, logRecord{Task: task, Text: note, Note: true})
	}
	for _, line := range piece.Lines {
		out = append(out, logRecord{task, &piece.Attempt, known(line.Time), line.Stream, line.Text, false})
	}
	if piece.Next != "" {
		out = append(out, logRecord{Task: task, Text: piece.Next, Note: true})
	}
	return out
}

func (p *logPrinter) print(r logRecord) error {
	if p.flags.format == "json" {
		data, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = p.w.Write(append(data, '\n'))
		return err
	}
	text := r.Text
	if r.Note {
		text = "[flowls: " + text + "]"
	}
	_, err := io.WriteString(p.w, text+"\n")
	return err
}

// lastLines holds lines back until what is there now has been read, and keeps the last ones.
type lastLines struct {
	most    int // -1: all, at once
	held    []logRecord
	flushed bool
}

func (l *lastLines) add(r logRecord, print func(logRecord) error) error {
	if l.most < 0 || l.flushed {
		return print(r)
	}
	l.held = append(l.held, r)
	if len(l.held) >= 2*l.most+1024 {
		l.held = slices.Clone(l.held[len(l.held)-l.most:])
	}
	return nil
}

func (l *lastLines) flush(print func(logRecord) error) error {
	for _, r := range l.held[max(0, len(l.held)-max(l.most, 0)):] {
		if err := print(r); err != nil {
			return err
		}
	}
	l.held, l.flushed = nil, true
	return nil
}
