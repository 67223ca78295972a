package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

func newFormat(name string, w io.Writer, s Streams) (format, error) {
	switch name {
	case "text":
		return &textFormat{w: w, notes: s.Err, rich: isTerminal(s.Out), paint: painter(colourful(s.Out))}, nil
	case "json":
		return &jsonFormat{w: w}, nil
	case "sarif":
		return &sarifFormat{w: w}, nil
	case "github":
		return &githubFormat{w: w}, nil
	}
	return nil, oneOf("format", name, "text", "json", "sarif", "github")
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colourful follows https://no-color.org: any value but the empty one says no.
func colourful(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// encode writes v as JSON on one line, without a line end and without the HTML
// escapes that make messages unreadable.
func encode(w io.Writer, v any) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, strings.TrimSuffix(b.String(), "\n"))
	return err
}

// jsonFormat writes the document of design.md, a line for each file, so that
// nothing but the file at hand is held.
type jsonFormat struct {
	w     io.Writer
	files int
}

func (f *jsonFormat) begin() error {
	_, err := io.WriteString(f.w, `{"version": 1, "files": [`)
	return err
}

func (f *jsonFormat) file(r fileReport) error {
	sep := ",\n"
	if f.files == 0 {
		sep = "\n"
	}
	f.files++
	if _, err := io.WriteString(f.w, sep); err != nil {
		return err
	}
	return encode(f.w, r)
}

func (f *jsonFormat) end(summary) error {
	_, err := io.WriteString(f.w, "]}\n")
	return err
}

// githubFormat writes workflow commands, which GitHub shows beside the code.
type githubFormat struct{ w io.Writer }

func (f *githubFormat) begin() error      { return nil }
func (f *githubFormat) end(summary) error { return nil }

// GitHub's escapes: of a message, and of a property's value.
var (
	githubMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func (f *githubFormat) file(r fileReport) error {
	for _, d := range r.Diagnostics {
		command := "notice"
		if d.Severity == "error" || d.Severity == "warning" {
			command = d.Severity
		}
		place := fmt.Sprintf("line=%d,endLine=%d", d.Range.Start.Line, d.Range.End.Line)
		// GitHub refuses columns over several lines.
		if d.Range.Start.Line == d.Range.End.Line {
			place += fmt.Sprintf(",col=%d,endColumn=%d", d.Range.Start.Column, d.Range.End.Column)
		}
		_, err := fmt.Fprintf(f.w, "::%s file=%s,%s,title=%s::%s\n", command, githubProperty.Replace(r.Path), place,
			githubProperty.Replace(d.Code+" "+d.Rule), githubMessage.Replace(d.Message+d.places()))
		if err != nil {
			return err
		}
	}
	return nil
}
