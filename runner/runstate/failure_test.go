package runstate

import (
	"slices"
	"testing"
)

func TestLastLines(t *testing.T) {
	out := func(text string) LogLine { return LogLine{Stream: "stdout", Text: text} }
	err := func(text string) LogLine { return LogLine{Stream: "stderr", Text: text} }
	said := []LogLine{err("<flow F step s[1]> failed:"), err("Traceback (most recent call last):"), err("ValueError: no"), err("Task failed.")}
	for name, tt := range map[string]struct {
		lines []LogLine
		want  []string
	}{
		"nothing":                   {said, nil},
		"before the traceback":      {append([]LogLine{out("one"), err("a warning")}, said...), []string{"one", "a warning"}},
		"dated after it":            {append(slices.Clone(said), out("one"), out("two")), []string{"one", "two"}},
		"on both sides":             {append(append([]LogLine{out("one")}, said...), out("two")), []string{"one", "two"}},
		"no more than the last few": {append([]LogLine{out("1"), out("2"), out("3"), out(""), out("4"), out("5"), out("6")}, said...), []string{"2", "3", "4", "5", "6"}},
	} {
		if got := lastLines(tt.lines); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
