package runstate

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
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

// controls are those of all attempts of a task, by number.
type controls []control

// add takes note of a file in the folder of the task, if it is one of them.
func (all *controls) add(name string, modified func() (time.Time, bool)) {
	number, kind, ok := strings.Cut(name, ".")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 0 || n > maxAttempt {
		return
	}
	at, ok := modified()
	if !ok {
		return
	}
	for len(*all) <= n {
		*all = append(*all, control{})
	}
	switch c := &(*all)[n]; kind {
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

// readTask reads one task's directory. Files are looked at in the order in
// which a finished task no longer changes: listing first, contents after.
func readTask(dir, step, id string) (*Task, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	t := &Task{ID: id, Step: step, Status: Launched, dir: dir, order: orderOf(id)}
	var attempts controls
	for _, e := range entries {
		attempts.add(e.Name(), func() (time.Time, bool) {
			info, err := e.Info()
			if err != nil {
				return time.Time{}, false // renamed away between the listing and the look
			}
			return info.ModTime(), true
		})
	}
	if len(attempts) == 0 {
		t.readElsewhere(dir)
		// Where data are stored here, an attempt has a control file before it has metadata.
		if len(t.Attempts) > 0 && !t.Store.Elsewhere() && hasControl(dir) {
			return readTask(dir, step, id) // the task is quicker than the look at it
		}
		return t, nil
	}
	verdicts, cloned := t.readMetadata(dir)
	if cloned {
		t.readOrigin(dir)
	}
	for n, c := range attempts {
		if c == (control{}) {
			continue // attempts may be missing: a cloned task keeps only the last
		}
		a := readAttempt(n, c, verdicts[n], cloned, func(r *runtimeRecord) bool {
			return readJSON(filepath.Join(dir, strconv.Itoa(n)+".runtime"), r) == nil
		})
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
	data, err := readData(filepath.Join(t.dir, strconv.Itoa(a.N)+".data.json"))
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
		_, cloned := origin.readMetadata(filepath.Join(flow, from.OriginRun, t.Step, from.OriginTask))
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
}

// readMetadata reads the few metadata that tell the state; there are dozens of
// others per task. The names of the files tell the fields.
func (t *Task) readMetadata(dir string) (map[int]verdict, bool) {
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
		default:
			continue
		}
		m, err := readMetadatum(dir, e.Name())
		if err != nil {
			continue
		}
		switch field {
		case "attempt_ok":
			// A retried or fallback attempt can decide twice; the later one counts.
			if v := verdicts[m.attempt()]; !v.known || !epoch(m.Epoch).Before(v.at) {
				verdicts[m.attempt()] = verdict{ok: m.text() == "True", known: true, at: epoch(m.Epoch)}
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

// readAttempt tells how an attempt stands; ending reads how its process ended.
func readAttempt(n int, c control, v verdict, cloned bool, ending func(*runtimeRecord) bool) *Attempt {
	a := &Attempt{N: n, HasData: !c.data.IsZero() && !c.done.IsZero()}
	a.Started = c.begin
	if a.Started.IsZero() {
		a.Started = c.attempt
	}
	var exit *runtimeRecord
	if !c.runtime.IsZero() {
		var r runtimeRecord
		if ending(&r) {
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
