package runstate

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"flowls/runner/pickle"
)

// Exception is what an attempt raised; nil if nothing was recorded. A process
// that died left nothing.
func (r *Reader) Exception(ctx context.Context, run *Run, task *Task, a *Attempt) (*Exception, error) {
	if !a.HasData {
		return nil, nil
	}
	name := "_exception"
	if a.Status == Caught { // later tasks inherit the artifact: the status tells whose it is
		name = "_catch_exception"
	}
	key, err := r.key(ctx, run, task, a, name)
	if key == "" || err != nil {
		return nil, err
	}
	v, err := r.value(ctx, task.Store, run.Flow, key, maxInternal)
	if err != nil {
		return nil, err
	}
	return decodeException(v), nil
}

func decodeException(v pickle.Value) *Exception {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil
	}
	state, ok := o.State.(*pickle.Dict)
	if !ok {
		return nil
	}
	e := &Exception{Type: str(state, "type"), Message: str(state, "exception"), Stacktrace: str(state, "stacktrace")}
	if e.Type == "" && e.Stacktrace == "" {
		return nil
	}
	e.Frames = parseFrames(e.Stacktrace)
	return e
}

// maxFrames bounds the frames of one exception.
const maxFrames = 100

var framePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^  File "(.*)", line (\d+)(?:, in (.*))?$`) })

// parseFrames reads the frames of the last traceback in the text: where one
// exception was raised while another was handled, Python prints several, and
// the last one is that of the exception which ended the task.
func parseFrames(trace string) []Frame {
	if i := strings.LastIndex(trace, tracebackHeader); i >= 0 {
		trace = trace[i+len(tracebackHeader):]
	}
	var frames []Frame
	for line := range strings.Lines(trace) {
		m := framePattern().FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil {
			// The quoted line stands below its frame; carets and nested text are not it.
			if n := len(frames); n > 0 && frames[n-1].Text == "" && strings.HasPrefix(line, "    ") {
				frames[n-1].Text = strings.TrimSpace(line)
			}
			continue
		}
		n, err := strconv.Atoi(m[2])
		if err != nil {
			continue
		}
		frames = append(frames, Frame{File: m[1], Line: n, Function: m[3]})
	}
	// The innermost frames tell what failed; a deep recursion repeats the others.
	return frames[max(0, len(frames)-maxFrames):]
}
