package server

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"

	"flowls/internal/source"
	"flowls/runner/runstate"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/uri"
)

// LogFrame is a frame of a traceback in a log.
type LogFrame struct {
	File     string  `json:"file" doc:"Path, as the traceback names it."`
	Line     int     `json:"line" doc:"As the traceback names it, from 1."`
	Function string  `json:"function,omitempty" doc:"Name of the function."`
	Text     string  `json:"text,omitempty" doc:"The line of code that the traceback quotes."`
	URI      uri.URI `json:"uri" doc:"The file."`
	Now      int     `json:"now" doc:"Where that line is today, from 1."`
}

// SourceLineParams are the parameters of flowls/sourceLine.
type SourceLineParams struct {
	RunID string  `json:"runId" doc:"Run that printed the traceback: launch id of flowls, or Metaflow's id."`
	URI   uri.URI `json:"uri,omitempty" doc:"The flow's document; absent means any open one with this run."`
	Flow  string  `json:"flow,omitempty" doc:"With uri: name of the flow."`
	File  string  `json:"file" doc:"Path, as the traceback names it."`
	Line  int     `json:"line" doc:"As the traceback names it, from 1."`
}

// SourceLineResult is the answer of flowls/sourceLine.
type SourceLineResult struct {
	URI uri.URI `json:"uri" doc:"The file."`
	Now int     `json:"now" doc:"Where the line is today, from 1; the line itself, if nobody knows."`
}

func init() { customRequests["flowls/sourceLine"] = request((*runs).sourceLineRequest) }

func (r *runs) sourceLineRequest(_ context.Context, p SourceLineParams) (SourceLineResult, error) {
	if !filepath.IsAbs(p.File) || p.Line < 1 {
		return SourceLineResult{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s:%d is not a line of a file", p.File, p.Line)
	}
	v, err := r.logged(p.RunID, p.URI, p.Flow)
	if err != nil {
		return SourceLineResult{}, err
	}
	today := todayOf{r: r, of: v}
	here := runstate.Frame{File: filepath.Clean(p.File), Line: p.Line}
	if info, err := os.Stat(here.File); err != nil || !info.Mode().IsRegular() {
		var ok bool
		if here, ok = today.home(here); !ok {
			return SourceLineResult{}, launchError("%s is not there any more", here.File)
		}
	}
	return SourceLineResult{uri.File(here.File), today.line(here)}, nil
}

// maxLogFrames bounds the frames of one answer.
const maxLogFrames = 200

// frames are the frames in the lines of a log that lead to files.
func (r *runs) frames(v *runView, lines []runstate.LogLine) []LogFrame {
	var found []LogFrame
	today := todayOf{r: r, of: v}
	for _, f := range runstate.LogFrames(lines) {
		if len(found) == maxLogFrames {
			break
		}
		if here, ok := today.home(f.Frame); ok {
			found = append(found, LogFrame{f.File, f.Line, f.Function, f.Text, uri.File(here.File), today.line(here)})
		}
	}
	return found
}

// todayOf finds today's lines of the files that a run's tracebacks name.
type todayOf struct {
	r     *runs
	of    *runView
	files map[string]bool         // whether it is a file
	maps  map[string]*lineMap     // of the flow's file, where its text was kept
	texts map[string]*presentText // of the others
}

// home is a frame with its file as it is called here, and whether it leads to one:
// in a container Metaflow unpacks the code, beside itself, into a folder of its name.
func (t *todayOf) home(f runstate.Frame) (runstate.Frame, bool) {
	if t.leads(f.File) {
		return f, true
	}
	if t.of.record == nil || strings.Contains(f.File, "/.mf_code/") {
		return f, false
	}
	for rest := f.File; ; {
		_, below, found := strings.Cut(rest, "/metaflow/")
		if !found {
			return f, false
		}
		here := filepath.Join(filepath.Dir(t.of.record.Script), filepath.FromSlash(below))
		if filepath.IsLocal(below) && t.leads(here) {
			f.File = here
			return f, true
		}
		rest = "/" + below
	}
}

// leads: the file is there, and not one of Metaflow's own.
func (t *todayOf) leads(file string) bool {
	if strings.Contains(file, "/site-packages/metaflow/") {
		return false
	}
	is, known := t.files[file]
	if !known {
		info, err := os.Stat(file)
		is = err == nil && info.Mode().IsRegular()
		if t.files == nil {
			t.files = map[string]bool{}
		}
		t.files[file] = is
	}
	return is
}

// line is where a frame's line (from 1) is today; the line itself if nobody knows.
func (t *todayOf) line(f runstate.Frame) int {
	if m := t.ran(f.File); m != nil {
		if now := m.line(f.Line); now > 0 {
			return now
		}
		return f.Line
	}
	text, known := t.texts[f.File]
	if !known {
		if now, ok := t.r.presentLines(f.File); ok {
			text = &presentText{lines: now}
		}
		if t.texts == nil {
			t.texts = map[string]*presentText{}
		}
		t.texts[f.File] = text
	}
	if text == nil {
		return f.Line
	}
	if now := text.quoted(f.Text, f.Line); now > 0 {
		return now
	}
	return f.Line
}

// ran leads from the lines of the flow's file as it was run to those of today.
func (t *todayOf) ran(file string) *lineMap {
	m, known := t.maps[file]
	if known {
		return m
	}
	if t.of.record != nil && sameFile(file, t.of.record.Script) {
		if then, err := t.of.record.ScriptText(); err == nil {
			if now, ok := t.r.presentLines(file); ok {
				m = newLineMap(newRanText(then).lines, now)
			}
		}
	}
	if t.maps == nil {
		t.maps = map[string]*lineMap{}
	}
	t.maps[file] = m
	return m
}

// presentLines are the lines of a file as the editor has it, else of the file.
func (r *runs) presentLines(file string) ([]string, bool) {
	if d := r.s.session.Snapshot().Document(uri.File(file)); d != nil {
		return splitLines(string(d.Text.Bytes())), true
	}
	data, err := source.ReadFile(file)
	if err != nil {
		return nil, false
	}
	if decoded, err := source.Decode(data); err == nil {
		data = decoded
	}
	return splitLines(string(bytes.ToValidUTF8(data, []byte("\uFFFD")))), true
}

// textLines are the lines of a piece of a run's output, without what the scheduler puts before them.
func textLines(text string) []runstate.LogLine {
	var lines []runstate.LogLine
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		// As [2031-05-17 …/fit/3 (pid 417)] in front.
		if i := strings.Index(line, ")] "); i > 0 && strings.Contains(line[:i], " (pid ") {
			line = line[i+len(")] "):]
		}
		lines = append(lines, runstate.LogLine{Text: line})
	}
	return lines
}
