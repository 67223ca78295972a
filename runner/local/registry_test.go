package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestStartReportsWhyNot(t *testing.T) {
	f := newFixture(t)
	script := f.write("x.py", "")
	_, err := f.Start(t.Context(), testBinary(t), Spec{Kind: Run, Flow: "X", Script: script, Interpreter: f.dir, Dir: f.dir})
	if err == nil || !strings.Contains(err.Error(), "cannot start "+f.dir) {
		t.Errorf("interpreter is a folder: %v", err)
	}
	all, err := f.List()
	if err != nil || len(all) != 1 || all[0].Status != Failed || all[0].Exit.Error == "" {
		t.Errorf("record of the failed start: %+v, %v", all, err)
	}
	if _, err := f.Start(t.Context(), filepath.Join(f.dir, "none"), Spec{Kind: Run, Flow: "X", Script: script, Interpreter: f.dir, Dir: f.dir}); err == nil {
		t.Error("no supervisor, no error")
	}
}

// A script that cannot be read leaves no run behind, and one that is no file
// does not block.
func TestStartNeedsAScript(t *testing.T) {
	f := newFixture(t)
	fifo := filepath.Join(f.dir, "fifo.py")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{filepath.Join(f.dir, "gone.py"), fifo, filepath.Join(f.dir, "\xff.py")} {
		if _, err := f.Start(t.Context(), testBinary(t), Spec{Kind: Run, Flow: "X", Script: script, Interpreter: "/usr/bin/python3", Dir: f.dir}); err == nil {
			t.Errorf("%q was started", script)
		}
	}
	if ids, err := f.IDs(); len(ids) != 0 || err != nil {
		t.Errorf("left: %v, %v", ids, err)
	}
}

// A stop that finds no supervisor yet must not report the run as stopped while it comes up.
func TestStopWaitsForTheSupervisor(t *testing.T) {
	f := newFixture(t)
	dir := filepath.Join(f.Dir, "young")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r := Record{Spec: Spec{ID: "young"}, Version: recordVersion, StartedAt: time.Now()}
	if err := writeJSON(filepath.Join(dir, recordFile), r); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if r, err := f.Stop(ctx, "young"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestGetChecksTheID(t *testing.T) {
	f := newFixture(t)
	for _, id := range []string{"", "..", "../x", "a/b", ".hidden", strings.Repeat("a", 65)} {
		if _, err := f.Get(id); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("Get(%q): %v", id, err)
		}
	}
	if _, err := f.Get("20260101-000000-abcd"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown run: %v", err)
	}
}

func TestSecretsAreNotRecorded(t *testing.T) {
	f := newFixture(t)
	script := f.write("env.py", "import os\nprint('got', len(os.environ['TOKEN_FOR_TEST']))\n")
	r := f.wait(f.start(Spec{Flow: "E", Script: script, Env: []string{"TOKEN_FOR_TEST=hunter2-secret"}}).ID)
	if !slices.Contains(r.EnvNames, "TOKEN_FOR_TEST") {
		t.Errorf("names: %v", r.EnvNames)
	}
	if log, err := f.ReadLog(r.ID, 0); err != nil || !strings.Contains(log.Text, "got 14") {
		t.Errorf("log %q, %v", log.Text, err)
	}
	entries, err := os.ReadDir(r.Folder())
	if err != nil || len(entries) < 4 {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(r.Folder(), e.Name()))
		if err != nil || strings.Contains(string(data), "hunter2") {
			t.Errorf("%s holds the secret, or %v", e.Name(), err)
		}
		if info, _ := e.Info(); info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", e.Name(), info.Mode())
		}
	}
}

func TestPrune(t *testing.T) {
	f := newFixture(t)
	f.Keep = 2
	script := f.write("q.py", "")
	other := f.write("other.py", "")
	first := f.wait(f.start(Spec{Flow: "Q", Script: other}).ID)
	var ids []string
	for range 4 {
		r := f.wait(f.start(Spec{Flow: "Q", Script: script}).ID)
		ids = append(ids, r.ID)
	}
	all, err := f.List()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range all {
		got = append(got, r.ID)
	}
	// Two ended ones stay when a new one starts; the other script's is its own.
	want := []string{ids[3], ids[2], ids[1], first.ID}
	if !slices.Equal(got, want) {
		t.Errorf("runs %v, want %v", got, want)
	}
}

func TestArgv(t *testing.T) {
	base := Spec{Script: "/w/f.py", Interpreter: "/py", Dir: "/w", Flow: "F"}
	for _, c := range []struct {
		change func(*Spec)
		want   string
	}{
		{func(s *Spec) { s.Kind = Run; s.Args = []string{"--a=-1"} }, "/py -u /w/f.py run --run-id-file=/r --a=-1"},
		{func(s *Spec) { s.Kind = Spin; s.Step = "fit" }, "/py -u /w/f.py spin --run-id-file=/r --persist fit"},
		{func(s *Spec) { s.Kind = Spin; s.Step = "fit"; s.Origin = "17"; s.Task = "3" }, "/py -u /w/f.py spin --run-id-file=/r --persist 17/fit/3"},
		{func(s *Spec) { s.Kind = Resume; s.Step = "fit"; s.Origin = "17" }, "/py -u /w/f.py resume --run-id-file=/r --origin-run-id 17 fit"},
		{func(s *Spec) { s.Kind = Resume; s.Origin = "17" }, "/py -u /w/f.py resume --run-id-file=/r --origin-run-id 17"},
		{func(s *Spec) { s.Kind = Run; s.Kubernetes = &Kubernetes{} }, "/py -u /w/f.py run --run-id-file=/r --with=kubernetes"},
		{func(s *Spec) { s.Kind = Run; s.Kubernetes = &Kubernetes{}; s.With = []string{"kubernetes:cpu=2"} }, "/py -u /w/f.py run --run-id-file=/r --with=kubernetes:cpu=2"},
		{func(s *Spec) {
			s.Kind, s.Step, s.Origin, s.Task, s.Program, s.Kubernetes = RemoteSpin, "fit", "17", "3", "/s.py", &Kubernetes{}
		}, "/py -u /s.py 17/fit/3 /w/f.py resume --run-id-file=/r --with=kubernetes --origin-run-id 17 fit"},
	} {
		spec := base
		c.change(&spec)
		if err := spec.Validate(); err != nil {
			t.Errorf("%s: %v", c.want, err)
		}
		if got := strings.Join(spec.Argv("/r"), " "); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	for _, bad := range []Spec{
		{Kind: Run, Script: "f.py", Interpreter: "/py", Dir: "/w"},
		{Kind: Run, Script: "/f.py", Interpreter: "py", Dir: "/w"},
		{Kind: Run, Script: "/f.py", Interpreter: "/py"},
		{Kind: "deploy", Script: "/f.py", Interpreter: "/py", Dir: "/w"},
		{Kind: Spin, Script: "/f.py", Interpreter: "/py", Dir: "/w"},
		{Kind: Spin, Step: "--help", Script: "/f.py", Interpreter: "/py", Dir: "/w"},
		{Kind: Resume, Script: "/f.py", Interpreter: "/py", Dir: "/w"},
		{Kind: RemoteSpin, Origin: "17", Step: "fit", Program: "/s.py", Script: "/f.py", Interpreter: "/py", Dir: "/w"},
		{Kind: RemoteSpin, Origin: "17", Program: "/s.py", Kubernetes: &Kubernetes{}, Script: "/f.py", Interpreter: "/py", Dir: "/w"},
		{Kind: RemoteSpin, Origin: "17", Step: "fit", Kubernetes: &Kubernetes{}, Script: "/f.py", Interpreter: "/py", Dir: "/w"},
		{Kind: Resume, Origin: "--x", Script: "/f.py", Interpreter: "/py", Dir: "/w"},
		{Kind: Run, ID: "../x", Script: "/f.py", Interpreter: "/py", Dir: "/w"},
	} {
		if bad.Validate() == nil {
			t.Errorf("accepted: %+v", bad)
		}
	}
	if _, err := ParameterArgs([]string{"--x"}, func(string) string { return "" }); err == nil {
		t.Error("a parameter that looks like an option was accepted")
	}
}

func TestUnreadableRecordsDoNotHideOthers(t *testing.T) {
	f := newFixture(t)
	script := f.write("q.py", "")
	good := f.wait(f.start(Spec{Flow: "Q", Script: script}).ID)
	for name, text := range map[string]string{"half": `{"version": 1, "id`, "future": `{"version": 99}`, "empty": ""} {
		dir := filepath.Join(f.Dir, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, recordFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := f.List()
	if err != nil || len(all) != 1 || all[0].ID != good.ID {
		t.Errorf("%v, %v", all, err)
	}
}

// A start that was cut off between folder and supervisor does not start for ever.
func TestAbandonedStart(t *testing.T) {
	f := newFixture(t)
	dir := filepath.Join(f.Dir, "abandoned")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r := Record{Spec: Spec{ID: "abandoned"}, Version: recordVersion, StartedAt: time.Now()}
	// A run from the future was begun before the clock was set back.
	for age, want := range map[time.Duration]Status{0: Starting, time.Hour: Lost, -time.Hour: Lost} {
		r.StartedAt = time.Now().Add(-age)
		if err := writeJSON(filepath.Join(dir, recordFile), r); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Get("abandoned"); err != nil || got.Status != want {
			t.Errorf("after %v: %+v, %v", age, got, err)
		}
	}
}
