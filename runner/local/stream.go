package local

import (
	"bufio"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"flowls/runner/runstate"
)

// The scheduler prints what tasks print, each line behind a time and
// [RUN/STEP/TASK (pid N)]. While a task runs that is the only place where its
// output is. Indentation and colours are lost there; the store keeps them.

// streamLine is one line of a task in the supervisor's stream.
type streamLine struct {
	runstate.LogLine
	pid    int   // of the attempt's process
	offset int64 // of the line in the whole output
}

// maxStreamLine bounds one line; the rest of a longer one is left out.
const maxStreamLine = 1 << 20

// scanStream hands out the whole lines of a task (RUN/STEP/TASK) from a position
// in the whole output on, until visit says no. next is the position behind what
// was looked at, dropped how many bytes from there on are no longer in the files.
func scanStream(path, task string, from, most int64, visit func(streamLine) bool) (next, dropped int64, err error) {
	l, err := openFiles(path, from, false)
	for try := 0; err == nil && l.moved && try < 3; try++ {
		l.close()
		l, err = openFiles(path, from, false)
	}
	if err != nil {
		return from, 0, err
	}
	defer l.close()
	if len(l.parts) == 0 {
		return from, 0, nil
	}
	next = from
	if next < l.start() {
		dropped, next = l.start()-next, l.start()
	}
	r := bufio.NewReaderSize(io.LimitReader(l.from(next), most), 64<<10)
	prefix := "[" + task + " (pid "
	for {
		line, size, err := readStreamLine(r)
		if errors.Is(err, io.EOF) {
			if size >= most { // a line that is longer than a look: it is left out
				next += size
			}
			return next, dropped, nil // what stands there is not a whole line yet
		}
		if err != nil {
			return next, dropped, err
		}
		at := next
		next += size
		l, ok := parseStreamLine(line, prefix)
		if !ok {
			continue
		}
		l.offset = at
		if !visit(l) {
			return at, dropped, nil
		}
	}
}

// readStreamLine reads one line with its end; size is its length in the file.
func readStreamLine(r *bufio.Reader) (line string, size int64, err error) {
	var long []byte
	for {
		part, err := r.ReadSlice('\n')
		size += int64(len(part))
		switch {
		case err == nil && long == nil:
			return string(part), size, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return "", size, err
		}
		if len(long) < maxStreamLine {
			long = append(long, part...)
		}
		if err == nil {
			return string(long), size, nil
		}
	}
}

const streamTime = "2006-01-02 15:04:05.000"

func parseStreamLine(line, prefix string) (streamLine, bool) {
	if len(line) < len(streamTime)+1 || !strings.HasPrefix(line[len(streamTime)+1:], prefix) {
		return streamLine{}, false
	}
	at, err := time.ParseInLocation(streamTime, line[:len(streamTime)], time.Local)
	if err != nil {
		return streamLine{}, false
	}
	number, text, ok := strings.Cut(line[len(streamTime)+1+len(prefix):], ")] ")
	pid, err := strconv.Atoi(number)
	if !ok || err != nil {
		return streamLine{}, false
	}
	return streamLine{LogLine: runstate.LogLine{Time: at, Text: strings.TrimRight(text, "\r\n")}, pid: pid}, true
}

// The scheduler's own words about a task, which it does not store.
func startsAttempt(text string) bool {
	return strings.HasPrefix(text, "Task is starting") || text == "Task fallback is starting to handle the failure."
}

func endsAttempt(text string) bool {
	return text == "Task finished successfully." || strings.HasPrefix(text, "Foreach yields ") && strings.HasSuffix(text, " child steps.")
}

// The last line of an attempt that failed; it is stored as well.
const (
	taskFailed  = "Task failed."
	taskCrashed = "Task failed with a segmentation fault."
)

// colour matches what Metaflow's scheduler takes out of lines that go to a file.
var colour = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\x1b\[[;?0-9]*[a-zA-Z]`) })
