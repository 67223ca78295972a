package runstate

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// control are the control files of one attempt.
type control struct {
	attempt, begin, end, data, done, runtime time.Time // modification times, zero if absent
}

// readTask reads one task's directory. Files are looked at in the order in
// which a finished task no longer changes: listing first, contents after.
func readTask(dir, step, id string) (*Task, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	t := &Task{ID: id, Step: step, Status: Launched, dir: dir}
	var attempts []control
	for _, e := range entries {
		number, kind, ok := strings.Cut(e.Name(), ".")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 || n > maxAttempt {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // renamed away between the listing and the look
		}
		for len(attempts) <= n {
			attempts = append(attempts, control{})
		}
		at := info.ModTime()
		switch c := &attempts[n]; kind {
		case "attempt.json":
			c.attempt = at
		case "task_begin":
			c.begin = at
		case "task_end":
			c.end = at
		case "data.json":
			c.data = at
		case "DONE.lock":
			c.done = at
		case "runtime":
			c.runtime = at
		}
	}
	elsewhere := len(attempts) == 0 // as the data of a task in a pod are
	verdicts, cloned := t.readMetadata(dir, elsewhere)
	if cloned {
		t.readOrigin(dir)
	}
	if elsewhere {
		t.Attempts = recordedAttempts(verdicts, cloned)
		// Where data are stored here, an attempt has a control file before it has metadata.
		if len(t.Attempts) > 0 && hasControl(dir) {
			return readTask(dir, step, id) // the task is quicker than the look at it
		}
	}
	for n, c := range attempts {
		if c == (control{}) {
			continue // attempts may be missing: a cloned task keeps only the last
		}
		a := readAttempt(dir, n, c, verdicts[n], cloned)
		if a.Status.OK() && a.HasData && t.caught(a) {
			a.Caught = true
			if a.Status == Succeeded {
				a.Status = Caught
			}
		}
		t.Attempts = append(t.Attempts, a)
	}
	if last := t.Last(); last != nil {
		t.Status = last.Status
		if t.Status == Launched && last.N > 0 && !cloned {
			t.Status = Retrying
		}
	}
	return t, nil
}

func hasControl(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		number, _, ok := strings.Cut(e.Name(), ".")
		_, err := strconv.Atoi(number)
		return ok && err == nil
	})
}

// maxAttempt is well above Metaflow's MAX_ATTEMPTS (6).
const maxAttempt = 64

// The pickled False, by protocol: the blob need not be opened to know it.
var falseKeys = map[string]bool{
	blobKey("\x80\x02\x89."): true,
	blobKey("\x80\x04\x89."): true,
}

func blobKey(pickled string) string {
	sum := sha1.Sum([]byte(pickled))
	return hex.EncodeToString(sum[:])
}

// caught: @catch lets the attempt end well and records that it did not succeed.
func (t *Task) caught(a *Attempt) bool {
	data, err := t.data(a)
	return err == nil && falseKeys[data.Objects["_success"]]
}

// maxClones bounds how often a task that is looked for was itself cloned.
const maxClones = 16

// readOrigin takes the place in a foreach from the task that this one was
// cloned from: resume records it there only.
func (t *Task) readOrigin(dir string) {
	flow := filepath.Dir(filepath.Dir(filepath.Dir(dir)))
	from := t
	for range maxClones {
		if !partPattern().MatchString(from.OriginRun) || !partPattern().MatchString(from.OriginTask) {
			return
		}
		origin := &Task{}
		_, cloned := origin.readMetadata(filepath.Join(flow, from.OriginRun, t.Step, from.OriginTask), false)
		if t.ForeachPath == "" {
			t.ForeachPath, t.ForeachValues = origin.ForeachPath, origin.ForeachValues
		}
		if !cloned || t.ForeachPath != "" {
			return
		}
		from = origin
	}
}

// verdict is what the metadata say of an attempt.
type verdict struct {
	ok, known bool
	at        time.Time
	began     time.Time
}

// recordedAttempts are those of a task of which only the metadata are here.
func recordedAttempts(verdicts map[int]verdict, cloned bool) []*Attempt {
	var attempts []*Attempt
	for _, n := range slices.Sorted(maps.Keys(verdicts)) {
		v := verdicts[n]
		if n < 0 || n > maxAttempt {
			continue
		}
		a := &Attempt{N: n, Status: Running, Started: v.began, Ended: v.at}
		switch {
		case v.known && v.ok && cloned:
			a.Status = Cloned
		case v.known && v.ok:
			a.Status = Succeeded
		case v.known:
			a.Status = Failed
		}
		if a.Started.IsZero() {
			a.Started = v.at
		}
		attempts = append(attempts, a)
	}
	return attempts
}

// readMetadata reads the few metadata that tell the state; there are dozens of
// others per task. The names of the files tell the fields. begins: also when the
// attempts began, which the data store tells otherwise.
func (t *Task) readMetadata(dir string, begins bool) (map[int]verdict, bool) {
	verdicts := make(map[int]verdict)
	cloned := false
	entries, err := os.ReadDir(filepath.Join(dir, "_meta"))
	if err != nil {
		return verdicts, false
	}
	for _, e := range entries {
		field, ok := sysmeta(e.Name())
		if !ok {
			continue
		}
		switch field {
		case "attempt_ok", "origin-task-id", "origin-run-id", "foreach-execution-path", "foreach-stack":
		case "attempt":
			if !begins {
				continue
			}
		default:
			continue
		}
		m, err := readMetadatum(dir, e.Name())
		if err != nil {
			continue
		}
		switch field {
		case "attempt":
			v := verdicts[m.attempt()]
			v.began = epoch(m.Epoch)
			verdicts[m.attempt()] = v
		case "attempt_ok":
			// A retried or fallback attempt can decide twice; the later one counts.
			if v := verdicts[m.attempt()]; !v.known || !epoch(m.Epoch).Before(v.at) {
				v.ok, v.known, v.at = m.text() == "True", true, epoch(m.Epoch)
				verdicts[m.attempt()] = v
			}
		case "origin-task-id":
			t.OriginTask, cloned = m.text(), true
		case "origin-run-id":
			if id := m.text(); id != "None" {
				t.OriginRun = id
			}
		case "foreach-execution-path":
			t.ForeachPath = m.text()
		case "foreach-stack":
			var values []string
			if json.Unmarshal(m.Value, &values) == nil {
				t.ForeachValues = values
			}
		}
	}
	return verdicts, cloned
}

func readAttempt(dir string, n int, c control, v verdict, cloned bool) *Attempt {
	a := &Attempt{N: n, HasData: !c.data.IsZero() && !c.done.IsZero()}
	a.Started = c.begin
	if a.Started.IsZero() {
		a.Started = c.attempt
	}
	var exit *runtimeRecord
	if !c.runtime.IsZero() {
		var r runtimeRecord
		if readJSON(filepath.Join(dir, strconv.Itoa(n)+".runtime"), &r) == nil {
			exit = &r
			a.ReturnCode = &r.ReturnCode
		}
	}
	switch {
	case cloned:
		a.Status = Launched
		if a.HasData {
			a.Status, a.Ended = Cloned, c.done
			a.Started = c.attempt
		}
	case v.known && v.ok: // also if the scheduler wanted it to end meanwhile
		a.Status, a.Ended = Succeeded, v.at
	case exit != nil && exit.Killed:
		a.Status, a.Ended = Killed, c.runtime
	case v.known:
		a.Status, a.Ended = Failed, v.at
	case exit != nil && exit.Success:
		a.Status, a.Ended = Succeeded, c.runtime
	case exit != nil && exit.ReturnCode < 0:
		a.Status, a.Ended = Crashed, c.runtime
	case exit != nil:
		a.Status, a.Ended = Failed, c.runtime
	case !c.begin.IsZero():
		a.Status = Running
	default:
		a.Status = Launched
	}
	// Files and records carry different clocks (file system, Python); a task
	// never ends before it starts.
	if !a.Ended.IsZero() && a.Ended.Before(a.Started) {
		a.Ended = a.Started
	}
	return a
}
