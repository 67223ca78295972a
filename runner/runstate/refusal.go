package runstate

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Refusal is why a run ended before one of its steps did: Python could not
// import the file, or Metaflow did not take the flow, its parameters or its user.
type Refusal struct {
	// Kind is short: the class of an exception, or Metaflow's headline; "" if there is none.
	Kind string
	// Message is what Python or Metaflow said, without Kind; a few lines at most.
	Message string
	// Lint is set where Metaflow's own checks refused the flow.
	Lint bool
	// Frames are those of the traceback, innermost last. Lines count from 1.
	Frames []Frame
}

var (
	headPattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^Metaflow \S+ executing \S+(?: for (?:user|production):\S+)?`)
	})
	stampPattern    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ `) })
	raisedPattern   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([A-Za-z_][\w.]*)(?:: (.*))?$`) })
	headlinePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Z][^:.]{2,60}:$`) })
	noisePattern    = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:Validating your flow\.\.\.|The graph looks good!|Running pylint\.\.\.|Pylint .*|Usage: .*|Try '.*|Internal error|Workflow starting .*)$`)
	})
)

// maxRefusal bounds the message in lines and in bytes.
const (
	maxRefusalLines = 6
	maxRefusal      = 600
)

// ParseRefusal reads the end of what a run wrote to its standard error; nil if that tells nothing.
func ParseRefusal(stderr string) *Refusal {
	var lines []string
	for line := range strings.Lines(stderr) {
		line = strings.TrimRight(stampPattern().ReplaceAllString(line, ""), " \t\r\n")
		if head := headPattern().FindString(line); head != "" {
			line = line[len(head):]
		}
		if text := strings.TrimSpace(line); text != "" && !noisePattern().MatchString(text) {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	if r := raised(lines); r != nil {
		return r
	}
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	r := &Refusal{}
	switch i := slices.IndexFunc(lines, func(s string) bool { return strings.HasPrefix(s, "Error: ") }); {
	case strings.HasPrefix(lines[0], "Validity checker found an issue"):
		r.Lint, r.Kind, lines = true, "Validity checker", lines[1:]
	case i >= 0: // of the command line
		lines = lines[i:]
		lines[0] = strings.TrimPrefix(lines[0], "Error: ")
	case len(lines) > 1 && headlinePattern().MatchString(lines[0]):
		r.Kind, lines = strings.TrimSuffix(lines[0], ":"), lines[1:]
	}
	r.Message = message(lines)
	return r
}

// raised reads an exception that Python printed: the last frame, then its class and message.
func raised(lines []string) *Refusal {
	last := -1
	for i, line := range lines {
		if framePattern().MatchString(line) {
			last = i
		}
	}
	if last < 0 {
		return nil
	}
	for i := last + 1; i < len(lines); i++ {
		m := raisedPattern().FindStringSubmatch(lines[i])
		if m == nil {
			continue // the quoted line, carets
		}
		kind := m[1][strings.LastIndexByte(m[1], '.')+1:]
		text := append([]string{m[2]}, lines[i+1:]...)
		return &Refusal{Kind: kind, Message: message(text), Frames: parseFrames(strings.Join(lines, "\n"))}
	}
	return nil
}

func message(lines []string) string {
	text := strings.TrimSpace(strings.Join(lines[:min(len(lines), maxRefusalLines)], "\n"))
	if len(text) > maxRefusal {
		text = strings.ToValidUTF8(text[:maxRefusal], "") + "…"
	}
	return text
}

// String is Kind and Message.
func (r *Refusal) String() string {
	switch {
	case r.Message == "":
		return r.Kind
	case r.Kind == "" || r.Lint:
		return r.Message
	}
	return r.Kind + ": " + r.Message
}

// Line is the innermost frame's line (from 1) in the file that same tells of; 0 if there is none.
func (r *Refusal) Line(same func(file string) bool) int {
	for _, f := range slices.Backward(r.Frames) {
		if same(f.File) {
			return f.Line
		}
	}
	return 0
}
