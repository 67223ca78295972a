package server

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"flowls/analysis/text"
	"flowls/internal/source"
	"flowls/runner/runstate"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// maxLogLinks bounds the links of a log: of more, the last ones lead to what failed.
const maxLogLinks = 500

// isLog: the document is no Python, even where it quotes some.
func isLog(u uri.URI) bool { return strings.HasSuffix(string(u), ".log") }

// registerLogLinks asks for the links of logs: clients know this server for Python only.
func (s *server) registerLogLinks() {
	if !s.client.can.registersLinks {
		return
	}
	s.background("links in logs", func(ctx context.Context) {
		options, err := json.Marshal(map[string]any{"documentSelector": []map[string]string{
			{"scheme": "file", "pattern": "**/flowls/logs/*.log"}, {"scheme": "file", "pattern": "**/flowls/runs/*/output.log"}}})
		if err == nil {
			err = s.client.RegisterCapability(ctx, &protocol.RegistrationParams{Registrations: []protocol.Registration{{
				ID: "flowls.logLinks", Method: protocol.MethodTextDocumentDocumentLink, RegisterOptions: options,
			}}})
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("the client does not ask for links in logs", "error", err)
		}
	})
}

// logLinks are the frames of the tracebacks in a log. One that is not open is
// read, if it is one of ours.
func (r *runs) logLinks(snapshot *Snapshot, u uri.URI) []protocol.DocumentLink {
	of, ours := r.runOfLog(filePath(u))
	m := mapper{encoding: r.s.session.encoding}
	if d := snapshot.Document(u); d != nil {
		m = d.mapper
	} else if ours {
		data, err := source.ReadFile(filePath(u))
		if err != nil {
			r.s.log.Debug("the log cannot be read for its links", "error", err)
			return []protocol.DocumentLink{}
		}
		m.text = text.New(data)
	} else {
		return []protocol.DocumentLink{}
	}
	whole := string(m.text.Bytes())
	frames := runstate.LogFrames(textLines(whole))
	frames = frames[max(0, len(frames)-maxLogLinks):]
	links := []protocol.DocumentLink{}
	today := todayOf{r: r, of: of}
	line, start := 0, 0
	for _, f := range frames {
		for ; line < f.At; line++ {
			start += strings.IndexByte(whole[start:], '\n') + 1
		}
		here, leads := today.home(f.Frame)
		if !leads {
			continue
		}
		at, ok := frameSpan(whole[start:], f.Frame)
		if !ok {
			continue
		}
		now := today.line(here)
		link := protocol.DocumentLink{
			Range:  m.rangeOf(text.Span{Start: start + at.Start, End: start + at.End}),
			Target: new(uri.URI(fmt.Sprintf("%s#L%d", uri.File(here.File), now))),
		}
		if now != f.Line {
			link.Tooltip = new(fmt.Sprintf("Line %d today", now))
		}
		links = append(links, link)
	}
	return links
}

// frameSpan is the path and the line number in the line that a text begins with.
func frameSpan(from string, f runstate.Frame) (text.Span, bool) {
	const before, between = `File "`, `", line `
	first, _, _ := strings.Cut(from, "\n")
	open := strings.Index(first, before)
	if open < 0 {
		return text.Span{}, false
	}
	path := open + len(before)
	shut := strings.Index(first[path:], between)
	if shut < 0 {
		return text.Span{}, false
	}
	return text.Span{Start: path, End: path + shut + len(between) + len(fmt.Sprint(f.Line))}, true
}

// runOfLog is the run that a log is of, an empty view if nobody knows, and
// whether the log is one that flowls wrote.
func (r *runs) runOfLog(path string) (of *runView, ours bool) {
	if r.registry == nil || path == "" {
		return &runView{}, false
	}
	name := filepath.Base(path)
	if filepath.Dir(path) == r.registry.LogDir() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for key, state := range r.states {
			for _, v := range state.runs {
				if id := v.metaflowID(); id != "" && strings.HasPrefix(name, key.name+"-"+id+"-") {
					return v, true
				}
			}
		}
		return &runView{}, true
	}
	if record, err := r.registry.Get(filepath.Base(filepath.Dir(path))); err == nil && record.OutputPath() == path {
		return &runView{record: record}, true
	}
	return &runView{}, false
}
