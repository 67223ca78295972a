package local

import (
	"strings"
	"testing"
)

const optionsFlow = `from metaflow import Config, FlowSpec, Parameter, current, get_namespace, step
import metaflow.metaflow_config as configured
import os

class Opts(FlowSpec):
    cfg = Config("Cfg", default_value={"depth": 1})
    api_key = Parameter("api_key", default="none")

    @step
    def start(self):
        self.items = [1, 2]
        print("depth", self.cfg.depth, "key", len(self.api_key), "tags", sorted(current.tags & {"a b", "x"}))
        print("profile", os.environ.get("METAFLOW_PROFILE"), "value", configured.from_conf("MINE"))
        self.next(self.work, foreach="items")

    @step
    def work(self):
        print("decorators", sorted(d.name for d in getattr(Opts, "work").decorators), "retries", current.retry_count)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Opts()
`

// Every option arrives where Metaflow looks for it: in run, resume and spin.
func TestOptionsReachMetaflow(t *testing.T) {
	f := newFixture(t)
	script := f.write("opts.py", optionsFlow)
	home := f.dir + "/metaflow-home"
	f.mkdir(home)
	f.write("metaflow-home/config_mine.json", `{"METAFLOW_MINE": "yes"}`)
	space := ""
	options := Options{With: []string{"retry:times=1", "timeout:seconds=600"}, Tags: []string{"a b", "x"}, MaxWorkers: 1, MaxNumSplits: 2, Environment: "local", Profile: "mine", Namespace: &space}
	run := f.finish(Spec{
		Flow: "Opts", Script: script, Options: options, Configs: []Config{{Name: "Cfg", Value: `{"depth": 7}`}},
		Env: []string{ParameterEnv("api_key", "12345")},
	})
	f.says(run, "depth 7 key 5 tags ['a b', 'x']", "profile mine value yes", "decorators ['retry', 'timeout']")
	options.Namespace = nil
	resumed := f.finish(Spec{Kind: Resume, Flow: "Opts", Script: script, Step: "work", Origin: run.RunID, Options: options})
	f.says(resumed, "decorators ['retry', 'timeout']", "[flowls: cd "+f.dir+" && METAFLOW_PROFILE=mine ")
	// The Configs are those of the run that is resumed, not those of the latest one.
	again := f.finish(Spec{Flow: "Opts", Script: script, Configs: []Config{{Name: "Cfg", Value: `{"depth": 8}`}}})
	f.says(again, "depth 8")
	f.says(f.finish(Spec{Kind: Resume, Flow: "Opts", Script: script, Step: "start", Origin: run.RunID}), "depth 7")
	f.write("cfg.json", `{"depth": 9}`)
	spun := f.finish(Spec{
		Kind: Spin, Flow: "Opts", Script: script, Step: "work", Origin: run.RunID, Task: "3", Configs: []Config{{Name: "Cfg", Path: "cfg.json"}},
		Options: Options{With: []string{"retry:times=1"}, Environment: "local"},
	})
	f.says(spun, "Task finished successfully.")
	// Over the limit of splits: the option is heard.
	refused := f.wait(f.start(Spec{Flow: "Opts", Script: script, Options: Options{MaxNumSplits: 1}}).ID)
	if refused.Status != Failed {
		t.Errorf("max-num-splits: %s", refused.Status)
	}
	f.says(refused, "max-num-splits")
}

func (f *fixture) finish(spec Spec) *Record {
	f.t.Helper()
	r := f.wait(f.start(spec).ID)
	if r.Status != Succeeded {
		log, _ := f.ReadLog(r.ID, 0)
		f.t.Fatalf("%s: %s\n%s", r.Kind, r.Reason(), log.Text)
	}
	return r
}

func (f *fixture) says(r *Record, texts ...string) {
	f.t.Helper()
	log, err := f.ReadLog(r.ID, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, text := range texts {
		if !strings.Contains(log.Text, text) {
			f.t.Errorf("the log of the %s does not say %q:\n%s", r.Kind, text, log.Text)
		}
	}
}

func TestOptionsThatMetaflowWouldRefuse(t *testing.T) {
	base := Spec{Kind: Run, Script: "/w/f.py", Interpreter: "/py", Dir: "/w", Flow: "F"}
	if err := base.Validate(); err != nil {
		t.Fatal(err)
	}
	space := "n"
	for want, change := range map[string]func(*Spec){
		"is no decorator":                              func(s *Spec) { s.With = []string{"--help"} },
		"is no decorator: write":                       func(s *Spec) { s.With = []string{"retry:a=1\nb"} },
		"is no tag":                                    func(s *Spec) { s.Tags = []string{""} },
		"is no tag: one line":                          func(s *Spec) { s.Tags = []string{strings.Repeat("x", 501)} },
		"at least one task":                            func(s *Spec) { s.MaxWorkers = -1 },
		"a foreach has at least":                       func(s *Spec) { s.MaxNumSplits = -1 },
		"use one of local, conda":                      func(s *Spec) { s.Environment = "docker" },
		"no name of a configuration":                   func(s *Spec) { s.Profile = "../x" },
		"config name":                                  func(s *Spec) { s.Configs = []Config{{Name: "--x", Value: "1"}} },
		"both a file and a value":                      func(s *Spec) { s.Configs = []Config{{Name: "x", Value: "1", Path: "p"}} },
		"NUL character":                                func(s *Spec) { s.Args = []string{"--a=\x00"} },
		"`spin` of Metaflow does not take tags":        func(s *Spec) { s.Kind, s.Step, s.Tags = Spin, "a", []string{"t"} },
		"`resume` of Metaflow does not take namespace": func(s *Spec) { s.Kind, s.Origin, s.Namespace = Resume, "1", &space },
	} {
		spec := base
		change(&spec)
		if err := spec.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
