package runstate

import (
	"slices"
	"strings"
	"time"
)

// LogLine is one line that a task printed.
type LogLine struct {
	Time   time.Time // zero if nobody recorded it
	Stream string    // stdout or stderr, "" if nobody recorded it
	Text   string    // without its line end; progress bars and colours are left in it
}

// mflogStart begins each line that Metaflow stored; "[!" before it means that
// the line was not yet stored where it came from.
const mflogStart = "[MFLOG|0|"

// parseMflog splits a stored line: when it was printed, and its text.
func parseMflog(line string) (time.Time, string, bool) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(line, "[!"), mflogStart)
	if !ok {
		return time.Time{}, "", false
	}
	stamp, rest, ok := strings.Cut(rest, "Z|")
	if !ok || stamp == "" {
		return time.Time{}, "", false
	}
	_, rest, ok = cutSome(rest, '|') // the source
	if !ok {
		return time.Time{}, "", false
	}
	_, text, ok := cutSome(rest, ']') // the line's id
	if !ok {
		return time.Time{}, "", false
	}
	at, err := time.Parse("2006-01-02T15:04:05", stamp) // a fraction of the second is allowed
	if err != nil || at.IsZero() {
		return time.Time{}, "", false
	}
	return at, text, true
}

// cutSome cuts at a byte that is not the first one.
func cutSome(s string, sep byte) (before, after string, ok bool) {
	if s == "" {
		return "", "", false
	}
	i := strings.IndexByte(s[1:], sep)
	if i < 0 {
		return "", "", false
	}
	return s[:i+1], s[i+2:], true
}

// mflogLines reads the lines of one stored file. A line that Metaflow did not
// make, or that was damaged, is its own text without a time.
func mflogLines(data, stream string, into []LogLine) []LogLine {
	for line := range strings.Lines(data) {
		line = strings.TrimSuffix(line, "\n")
		at, text, ok := parseMflog(line)
		if !ok {
			into = append(into, LogLine{Stream: stream, Text: line})
			continue
		}
		// The last thing printed had no line end: what the scheduler added follows on the same line.
		for {
			i := strings.Index(text, mflogStart)
			if i < 0 {
				break
			}
			next, more, ok := parseMflog(text[i:])
			if !ok {
				break
			}
			into = append(into, LogLine{at, stream, text[:i]})
			at, text = next, more
		}
		into = append(into, LogLine{at, stream, text})
	}
	return into
}

// mergeLines sorts lines of several files by time, equal times as they came;
// lines without a time come last.
func mergeLines(lines []LogLine) {
	slices.SortStableFunc(lines, func(a, b LogLine) int {
		if a.Time.IsZero() != b.Time.IsZero() {
			if a.Time.IsZero() {
				return 1
			}
			return -1
		}
		return a.Time.Compare(b.Time)
	})
}
