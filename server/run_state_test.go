package server

import (
	"testing"

	"flowls/runner/local"
	"flowls/runner/runstate"
)

// An exception may be readable only after the failure was shown: that is news too.
func TestFingerprintTellsExceptions(t *testing.T) {
	run := &runView{run: &runstate.Run{Root: "/w/.metaflow", ID: "1", Status: runstate.Failed}}
	step := &stepView{of: run, name: "fit", step: &runstate.Step{Name: "fit"}}
	state := &flowState{runs: []*runView{run}, shown: run, steps: map[string]*stepView{"fit": step}}
	before := state.fingerprint()
	if again := state.fingerprint(); again != before {
		t.Errorf("%q is not %q", again, before)
	}
	step.failure = &runstate.Failure{Exception: &runstate.Exception{Type: "builtins.ValueError"}, Task: &runstate.Task{ID: "2"}, Attempt: &runstate.Attempt{}}
	if state.fingerprint() == before {
		t.Error("the exception makes no difference")
	}
}

// A run that never began has findings as well: they are published, and taken away.
func TestFailuresTellRefusals(t *testing.T) {
	run := &runView{record: &local.Record{Spec: local.Spec{ID: "a"}, Status: local.Failed}}
	state := &flowState{runs: []*runView{run}, shown: run}
	before := state.failures()
	run.refused = &runstate.Refusal{Kind: "ImportError", Message: "no module named x"}
	if state.failures() == before {
		t.Error("the refusal makes no difference")
	}
}

// A run from a terminal must not hide an older one that can be stopped.
func TestStopMeansWhatCanBeStopped(t *testing.T) {
	terminal := &runView{run: &runstate.Run{Root: "/w/.metaflow", ID: "2", Status: runstate.Running}}
	launched := &runView{record: &local.Record{Spec: local.Spec{ID: "a"}, Status: local.Running}}
	ended := &runView{record: &local.Record{Spec: local.Spec{ID: "b"}, Status: local.Succeeded}}
	if got := (&flowState{runs: []*runView{ended, terminal, launched}}).toStop(); got != launched {
		t.Errorf("%+v", got)
	}
	if got := (&flowState{runs: []*runView{ended, terminal}}).toStop(); got != terminal {
		t.Errorf("%+v", got)
	}
	if got := (&flowState{runs: []*runView{ended}}).toStop(); got != nil {
		t.Errorf("%+v", got)
	}
}

func TestParametersKeepTheirDigits(t *testing.T) {
	var a RunArgument
	if err := decodeStrict([]byte(`{"parameters": {"seed": 9007199254740993, "rate": 1e-05, "on": true, "name": "x", "list": [1.50]}}`), &a); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"list": "[1.50]", "name": "x", "on": "True", "rate": "1e-05", "seed": "9007199254740993"} {
		if got := plainText(a.Parameters[name]); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestByteOrderMarkIsNoChange(t *testing.T) {
	if !sameText([]byte("\xef\xbb\xbfx = 1\n"), []byte("x = 1\n")) {
		t.Error("the mark counts as a change")
	}
	if sameText([]byte("x = 1\n"), []byte("x = 2\n")) {
		t.Error("a change does not count")
	}
	if got := newRanText([]byte("# -*- coding: latin-1 -*-\nx = 'caf\xe9'\n")).lines[1]; got != "x = 'café'" {
		t.Errorf("latin-1: %q", got)
	}
}

// A state that is published is still read when the next one is made of it.
func TestAnotherStateHasViewsOfItsOwn(t *testing.T) {
	pods := &kubePods{version: 3}
	v := &runView{record: &local.Record{Spec: local.Spec{ID: "1"}, Status: local.Failed}, pods: pods}
	if same := v.again(pods); same == v || same.fingerprint() != v.fingerprint() {
		t.Errorf("%p and %p, %q and %q", same, v, same.fingerprint(), v.fingerprint())
	}
	if other := v.again(&kubePods{version: 4}); other.fingerprint() == v.fingerprint() {
		t.Errorf("news of the cluster do not count: %q", other.fingerprint())
	}
}
