package runstate

import (
	"slices"
	"strings"
	"testing"
)

func TestLogFrames(t *testing.T) {
	const log = `before
Traceback (most recent call last):
  File "/w/flow.py", line 12, in fit
    self.model.train(x)
    ^^^^^^^^^^^^^^^^^^^
File "/w/my lib.py", line 3, in <module>
raise ValueError("no")
  File "<frozen importlib._bootstrap>", line 241, in _call
  File "relative.py", line 1, in f
  File "/w/bad.py", line 7
    def x(
         ^
SyntaxError: '(' was never closed
see File "/w/flow.py", line 12, in fit
  File "/w/flow.py", line 99999999999999999999, in fit
`
	var lines []LogLine
	for line := range strings.Lines(log) {
		lines = append(lines, LogLine{Text: strings.TrimSuffix(line, "\n")})
	}
	want := []LogFrame{
		{Frame{File: "/w/flow.py", Line: 12, Function: "fit", Text: "self.model.train(x)"}, 2},
		{Frame{File: "/w/my lib.py", Line: 3, Function: "<module>", Text: `raise ValueError("no")`}, 5},
		{Frame{File: "/w/bad.py", Line: 7, Text: "def x("}, 9},
	}
	if got := LogFrames(lines); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}
