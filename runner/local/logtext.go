package local

import (
	"path/filepath"
	"strings"
)

// Text is the piece for people: whole lines, notes among them.
func (p LogPiece) Text() string {
	var b strings.Builder
	for _, note := range p.Notes {
		b.WriteString("[flowls: " + note + "]\n")
	}
	for _, line := range p.Lines {
		b.WriteString(line.Text)
		b.WriteByte('\n')
	}
	if p.Next != "" {
		b.WriteString("[flowls: " + p.Next + "]\n")
	}
	return b.String()
}

// Plain is a line as an editor or a file can show it: without colours, and of a
// progress bar its last state.
func Plain(line string) string {
	line = strings.TrimRight(colour().ReplaceAllString(strings.ToValidUTF8(line, "\uFFFD"), ""), "\r")
	return line[strings.LastIndexByte(line, '\r')+1:]
}

// LogDir is the folder for copies of the logs of tasks, which editors open.
func (g *Registry) LogDir() string { return filepath.Join(filepath.Dir(g.Dir), "logs") }
