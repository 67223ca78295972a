package runstate

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func statuses(run *Run) map[string]Status {
	m := make(map[string]Status)
	for _, s := range run.Steps {
		m[s.Name] = s.Status
	}
	return m
}

func artifacts(t *testing.T, r *Reader, run *Run, task *Task) map[string]Artifact {
	t.Helper()
	all, err := r.Artifacts(t.Context(), run, task)
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string]Artifact)
	for _, a := range all {
		m[a.Name] = a
	}
	return m
}

func TestForeachRetryCatchSwitch(t *testing.T) {
	_, r := openRecorded(t)
	run := newest(t, r, "Many")
	if run.Status != Succeeded || run.Script != "many.py" || run.User != "tester" || run.Ended.Before(run.Created) {
		t.Errorf("run: %+v", run)
	}
	want := map[string]Status{"start": Succeeded, "work": Succeeded, "join": Succeeded, "choose": Succeeded, "left": Caught, "right": Pending, "end": Succeeded}
	if got := statuses(run); len(got) != len(want) {
		t.Errorf("steps: %v", got)
	}
	for name, status := range want {
		if s := run.Step(name); s == nil || s.Status != status {
			t.Errorf("step %s: %+v, want %s", name, s, status)
		}
	}
	if names := stepNames(run); !slices.Equal(names, []string{"start", "work", "join", "choose", "left", "right", "end"}) {
		t.Errorf("order of steps: %v", names)
	}
	work := run.Step("work")
	if work.Expected != 3 || len(work.Tasks) != 3 {
		t.Errorf("work: expected %d, tasks %d", work.Expected, len(work.Tasks))
	}
	b := work.Tasks[1]
	if b.ForeachPath != "work:1" || !slices.Equal(b.ForeachValues, []string{"items=b"}) {
		t.Errorf("second task of the foreach: %+v", b)
	}
	if len(b.Attempts) != 2 || b.Attempts[0].Status != Failed || b.Attempts[1].Status != Succeeded {
		t.Fatalf("attempts of the retried task: %+v", b.Attempts)
	}
	e, err := r.Exception(t.Context(), run, b, b.Attempts[0])
	if err != nil || e == nil || e.Type != "builtins.ValueError" || e.Message != "first try" {
		t.Errorf("exception of the first try: %+v, %v", e, err)
	}
	if e, err := r.Exception(t.Context(), run, b, b.Attempts[1]); e != nil || err != nil {
		t.Errorf("exception of the second try: %+v, %v", e, err)
	}
	left := run.Step("left").Tasks[0]
	if e, err := r.Exception(t.Context(), run, left, left.Last()); err != nil || e == nil || e.Type != "builtins.KeyError" {
		t.Errorf("caught exception: %+v, %v", e, err)
	}
	end := run.Step("end").Tasks[0]
	if e, err := r.Exception(t.Context(), run, end, end.Last()); e != nil || err != nil {
		t.Errorf("the end inherits the caught exception: %+v, %v", e, err)
	}
}

func stepNames(run *Run) []string {
	var names []string
	for _, s := range run.Steps {
		names = append(names, s.Name)
	}
	return names
}

func short(t *testing.T, r *Reader, flow string, a Artifact) (string, error) {
	d, err := r.Describe(t.Context(), flow, a, Quick)
	if err != nil {
		return "", err
	}
	return d.Short(), nil
}

func TestArtifacts(t *testing.T) {
	_, r := openRecorded(t)
	run := newest(t, r, "Many")
	for _, c := range []struct {
		step, name, kind, preview string
		changed                   bool
	}{
		{"start", "score", "float", "0.93", true},
		{"start", "text", "str", `"it's"`, true},
		{"start", "table", "dict", "{'x': [1, 2.5, None], 'y': (True,)}", true},
		{"start", "when", "datetime.datetime", "datetime.datetime(2026, 1, 2, 3, 4)", true},
		{"start", "price", "decimal.Decimal", "Decimal('1.50')", true},
		{"start", "where", "pathlib.PurePosixPath", "PurePosixPath('a/b')", true},
		{"start", "long", "list", "[1000 items]", true},
		{"start", "thing", "__main__.Thing", "Thing", true},
		{"start", "alpha", "float", "0.1", false},
		{"work", "length", "int", "2", true},
		{"work", "score", "float", "0.93", false},
		{"join", "score", "float", "0.93", false},
		{"join", "total", "int", "6", true},
		{"end", "score", "float", "0.93", false},
	} {
		a, ok := artifacts(t, r, run, run.Step(c.step).Tasks[0])[c.name]
		if !ok {
			t.Errorf("%s.%s is missing", c.step, c.name)
			continue
		}
		preview, err := short(t, r, "Many", a)
		if a.Type != c.kind || preview != c.preview || a.Changed != c.changed || a.Size <= 0 || err != nil {
			t.Errorf("%s.%s: %+v, preview %q, %v; want %+v", c.step, c.name, a, preview, err, c)
		}
	}
	if _, ok := artifacts(t, r, run, run.Step("start").Tasks[0])["name"]; ok {
		t.Error("Metaflow's own artifact is listed")
	}
}

func TestFailureAndResume(t *testing.T) {
	w, r := openRecorded(t)
	runs, err := r.Runs("Broken", 0)
	if err != nil || len(runs) != 2 {
		t.Fatalf("runs of Broken: %d, %v", len(runs), err)
	}
	resumed, failed := runs[0], runs[1]
	if failed.Status != Failed || failed.Step("second").Status != Failed || failed.Step("end").Status != Pending {
		t.Errorf("failed run: %s %v", failed.Status, statuses(failed))
	}
	task := failed.Step("second").Tasks[0]
	e, err := r.Exception(t.Context(), failed, task, task.Last())
	if err != nil || e == nil {
		t.Fatalf("exception: %v, %v", e, err)
	}
	script := filepath.Join(w.dir, "broken.py")
	last := e.Frames[len(e.Frames)-1]
	step := e.Frames[len(e.Frames)-2]
	if e.Message != "boom: 1" || last != (Frame{script, 7, "helper", `raise RuntimeError("boom: %d" % value)`}) || step != (Frame{script, 24, "second", "helper(self.x)"}) {
		t.Errorf("exception: %+v", e)
	}
	if !strings.HasPrefix(e.Stacktrace, "Traceback") {
		t.Errorf("stacktrace: %q", e.Stacktrace)
	}

	if resumed.Status != Succeeded || resumed.Origin != failed.ID {
		t.Errorf("resumed run: %s, origin %q (want %s)", resumed.Status, resumed.Origin, failed.ID)
	}
	first := resumed.Step("first")
	if first.Status != Cloned || first.Tasks[0].OriginTask != failed.Step("first").Tasks[0].ID {
		t.Errorf("cloned step: %+v, task %+v", first, first.Tasks[0])
	}
	if resumed.Step("second").Status != Succeeded {
		t.Errorf("resumed run: %v", statuses(resumed))
	}
	if a := artifacts(t, r, resumed, first.Tasks[0])["y"]; !a.Changed || a.Type != "int" {
		t.Errorf("artifact of a cloned task: %+v", a)
	}
}

func TestSpin(t *testing.T) {
	w, _ := openRecorded(t)
	r := NewReader(filepath.Join(w.dir, spinRootName))
	run, err := r.Run("Broken", w.spinID)
	if err != nil {
		t.Fatal(err)
	}
	if !run.Spin || run.Status != Succeeded || run.Step("first").Status != Succeeded {
		t.Errorf("spin run: %s %v", run.Status, statuses(run))
	}
	y := artifacts(t, r, run, run.Step("first").Tasks[0])["y"]
	if preview, err := short(t, r, "Broken", y); preview != "2" || err != nil {
		t.Errorf("y of the spin: %+v, %q, %v", y, preview, err)
	}
	// What was copied from the original run is stored uncompressed.
	x := artifacts(t, r, run, run.Step("first").Tasks[0])["x"]
	if preview, err := short(t, r, "Broken", x); preview != "1" || err != nil {
		t.Errorf("x of the spin: %+v, %q, %v", x, preview, err)
	}
}

func TestCrash(t *testing.T) {
	_, r := openRecorded(t)
	run := newest(t, r, "Crash")
	a := run.Step("start").Tasks[0].Last()
	if run.Status != Failed || a.Status != Crashed || a.ReturnCode == nil || *a.ReturnCode >= 0 {
		t.Errorf("crashed run: %s, %+v", run.Status, a)
	}
}
