package runstate

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// logFramePattern is a frame of a traceback; the stream of a live task has lost its indentation.
var logFramePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*File "([^"]+)", line (\d{1,9})(?:, in (.*))?$`)
})

// LogFrame is a frame of a traceback, and the index of the line that names it.
type LogFrame struct {
	Frame
	At int
}

// LogFrames are the frames of the tracebacks among the lines of a log, in its
// order, as far as they name files by their whole path.
func LogFrames(lines []LogLine) []LogFrame {
	var frames []LogFrame
	quoted := false // the line before was a frame
	for i, line := range lines {
		if !strings.Contains(line.Text, `File "`) {
			if quoted {
				frames[len(frames)-1].Text = strings.TrimSpace(line.Text)
			}
			quoted = false
			continue
		}
		m := logFramePattern().FindStringSubmatch(strings.TrimRight(line.Text, "\r"))
		if quoted = m != nil && filepath.IsAbs(m[1]); !quoted {
			continue
		}
		n, err := strconv.Atoi(m[2])
		if quoted = err == nil && n > 0; quoted {
			frames = append(frames, LogFrame{Frame{File: filepath.Clean(m[1]), Line: n, Function: m[3]}, i})
		}
	}
	return frames
}
