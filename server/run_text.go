package server

import (
	"os"
	"slices"
	"strings"

	"flowls/internal/source"
	"flowls/runner/runstate"
)

// ranText is a flow's file as it was when a run started, in lines.
type ranText struct{ lines []string }

// ranTexts remembers the texts of a few runs. Only the loop uses it.
type ranTexts struct {
	byRun map[string]*ranText
}

const maxRanTexts = 16

func newRanTexts() *ranTexts { return &ranTexts{byRun: map[string]*ranText{}} }

// of is the text that was run: the copy that the launch made; for a run from a
// terminal the file itself, if it has not changed since. nil if nobody knows.
func (c *ranTexts) of(v *runView, script string) *ranText {
	key := v.key()
	if t, ok := c.byRun[key]; ok {
		return t
	}
	var t *ranText
	if v.record != nil {
		if data, err := v.record.ScriptText(); err == nil {
			t = newRanText(data)
		}
	} else if info, err := os.Stat(script); err == nil && info.ModTime().Before(v.run.Created) {
		if data, err := source.ReadFile(script); err == nil {
			t = newRanText(data)
		}
	}
	if len(c.byRun) >= maxRanTexts {
		clear(c.byRun)
	}
	c.byRun[key] = t
	return t
}

// byteOrderMark stands in files; editors keep it to themselves.
const byteOrderMark = "\ufeff"

func newRanText(data []byte) *ranText {
	if decoded, err := source.Decode(data); err == nil { // as the editor shows it
		data = decoded
	}
	return &ranText{lines: splitLines(string(data))}
}

func splitLines(s string) []string {
	s = strings.ReplaceAll(strings.TrimPrefix(s, byteOrderMark), "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n")
}

// userFrames are the frames of a traceback in a given file, innermost last.
func userFrames(e *runstate.Exception, script string) []runstate.Frame {
	var frames []runstate.Frame
	for _, f := range e.Frames {
		if sameFile(f.File, script) {
			frames = append(frames, f)
		}
	}
	return frames
}

// maxAlign bounds the work of aligning two texts, lines times lines: it is done
// between two keystrokes.
const maxAlign = 1 << 20

// lineMap tells where the lines of the text that was run are now. Both ends
// that are equal are taken first; in between, the longest common subsequence decides.
type lineMap struct {
	then, now      []string
	prefix, suffix int
	// partner of each line between the ends of then: its index between the ends
	// of now, -1 if it was deleted or changed. nil: too much to align.
	partner []int
}

func newLineMap(then, now []string) *lineMap {
	m := &lineMap{then: then, now: now}
	for m.prefix < min(len(then), len(now)) && then[m.prefix] == now[m.prefix] {
		m.prefix++
	}
	for m.suffix < min(len(then), len(now))-m.prefix && then[len(then)-1-m.suffix] == now[len(now)-1-m.suffix] {
		m.suffix++
	}
	if a, b := m.between(); len(a)*len(b) <= maxAlign {
		m.partner = align(a, b)
	}
	return m
}

// between are the lines that neither end covers.
func (m *lineMap) between() (then, now []string) {
	return m.then[m.prefix : len(m.then)-m.suffix], m.now[m.prefix : len(m.now)-m.suffix]
}

// line is the present line of a line that was run, both 1-based; 0 if it was
// deleted or changed.
func (m *lineMap) line(line int) int {
	switch {
	case line < 1 || line > len(m.then):
		return 0
	case line <= m.prefix:
		return line
	case line > len(m.then)-m.suffix:
		return line + len(m.now) - len(m.then)
	}
	i := line - 1 - m.prefix
	if m.partner != nil {
		if m.partner[i] < 0 {
			return 0
		}
		return m.prefix + m.partner[i] + 1
	}
	_, b := m.between()
	if at := nearest(b, m.then[line-1], i); at > 0 {
		return m.prefix + at
	}
	return 0
}

// ran tells whether a present line (1-based) stood in the text that was run.
func (m *lineMap) ran(line int) bool {
	if line <= m.prefix || line > len(m.now)-m.suffix {
		return true
	}
	if m.partner != nil {
		return slices.Contains(m.partner, line-1-m.prefix)
	}
	a, _ := m.between()
	return slices.Contains(a, m.now[line-1])
}

// align finds the partners of the lines of a in a longest common subsequence with b, -1 for none.
func align(a, b []string) []int {
	width := len(b) + 1
	length := make([]int32, (len(a)+1)*width) // of the common subsequence of a[x:] and b[y:]
	for x := len(a) - 1; x >= 0; x-- {
		for y := len(b) - 1; y >= 0; y-- {
			if a[x] == b[y] {
				length[x*width+y] = length[(x+1)*width+y+1] + 1
			} else {
				length[x*width+y] = max(length[(x+1)*width+y], length[x*width+y+1])
			}
		}
	}
	partner := make([]int, len(a))
	y := 0
	for x := range a {
		partner[x] = -1
		for y < len(b) && a[x] != b[y] && length[x*width+y+1] > length[(x+1)*width+y] {
			y++
		}
		if y < len(b) && a[x] == b[y] {
			partner[x] = y
			y++
		}
	}
	return partner
}

// presentText is a document beside the texts that were run. It serves one
// look at one version; the alignment with each text is made once.
type presentText struct {
	lines   []string
	trimmed []string
	maps    map[*ranText]*lineMap
}

func newPresentText(v *view) *presentText {
	return &presentText{lines: splitLines(string(v.doc.Text.Bytes())), maps: map[*ranText]*lineMap{}}
}

func (p *presentText) since(then *ranText) *lineMap {
	m := p.maps[then]
	if m == nil {
		m = newLineMap(then.lines, p.lines)
		p.maps[then] = m
	}
	return m
}

// ran tells whether the lines from first to last (0-based) stood in the text that was run.
func (p *presentText) ran(then *ranText, first, last int) bool {
	m := p.since(then)
	for line := first; line <= last; line++ {
		if !m.ran(line + 1) {
			return false
		}
	}
	return true
}

// quoted finds the line (1-based) that a traceback quotes, closest to where it was; 0 if there is none.
func (p *presentText) quoted(quote string, line int) int {
	if quote == "" {
		return 0
	}
	if p.trimmed == nil {
		p.trimmed = make([]string, len(p.lines))
		for i, s := range p.lines {
			p.trimmed[i] = strings.TrimSpace(s)
		}
	}
	return nearest(p.trimmed, quote, line-1)
}

// nearest is the line (1-based) of now with the text, closest to index; 0 if there is none.
func nearest(now []string, text string, index int) int {
	best := -1
	for i, s := range now {
		if s == text && (best < 0 || abs(i-index) < abs(best-index)) {
			best = i
		}
	}
	return best + 1
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
