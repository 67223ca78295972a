package difftest

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"flowls/runner/runstate"
)

// scenario is one command of Metaflow, and what must come of it beyond what the
// client tells.
type scenario struct {
	name  string
	flow  string // class
	file  string
	args  []string // after the file
	env   []string
	after string // scenario whose run is resumed: its id is the origin
	fails bool   // the command ends with an error
	gone  bool   // it leaves no run at all

	status runstate.Status
	tasks  map[string][]runstate.Status // by step
}

// width is the number of tasks of the widest foreach. `make test-wide` asks for 1,000.
func width() int {
	if n, err := strconv.Atoi(os.Getenv("FLOWLS_WIDTH")); err == nil {
		return n
	}
	return 100
}

type states = map[string][]runstate.Status

const (
	ok      = runstate.Succeeded
	failed  = runstate.Failed
	killed  = runstate.Killed
	crashed = runstate.Crashed
	caught  = runstate.Caught
	cloned  = runstate.Cloned
)

func times(n int, s runstate.Status) []runstate.Status {
	all := make([]runstate.Status, n)
	for i := range all {
		all[i] = s
	}
	return all
}

func one(s runstate.Status) []runstate.Status { return times(1, s) }

// scenarios come in the order in which they are started: the longest first.
func scenarios() []scenario {
	all := []scenario{
		{name: "wide", flow: "Wide", file: "wide.py", args: []string{"run", "--n", strconv.Itoa(width()), "--max-num-splits", "1000", "--max-workers", strconv.Itoa(runtime.NumCPU())},
			status: ok, tasks: states{"start": one(ok), "work": times(width(), ok), "join": one(ok), "end": one(ok)}},
		{name: "handled", flow: "Handled", file: "handled.py", fails: true,
			status: failed, tasks: states{"start": one(ok), "work": {ok, ok, caught}, "join": one(ok), "slow": one(caught), "last": one(failed), "end": nil}},
		{name: "nested", flow: "Nested", file: "nested.py",
			status: ok, tasks: states{"start": one(ok), "outer": times(2, ok), "inner": times(4, ok), "gather": times(2, ok), "join": one(ok), "end": one(ok)}},
		{name: "linear", flow: "Linear", file: "linear.py", args: []string{"run", "--tag", "first", "--alpha", "0.25"},
			status: ok, tasks: states{"start": one(ok), "middle": one(ok), "end": one(ok)}},
		{name: "join fails", flow: "Fails", file: "fails.py", env: []string{"WHERE=join"}, fails: true,
			status: failed, tasks: states{"start": one(ok), "work": times(3, ok), "join": one(failed), "end": nil}},
		{name: "foreach task fails", flow: "Fails", file: "fails.py", env: []string{"WHERE=work"}, fails: true,
			status: failed, tasks: states{"start": one(ok), "work": {killed, failed, killed}, "join": nil, "end": nil}},
		{name: "switch", flow: "Switch", file: "switch.py",
			status: ok, tasks: states{"start": one(ok), "left": one(ok), "right": nil, "loop": times(3, ok), "end": one(ok)}},
		{name: "workers", flow: "Workers", file: "workers.py",
			status: ok, tasks: states{"start": one(ok), "train": times(2, ok), "join": one(ok), "end": one(ok)}},
		{name: "branch", flow: "Branch", file: "branch.py",
			status: ok, tasks: states{"start": one(ok), "left": one(ok), "right": one(ok), "join": one(ok), "end": one(ok)}},
		{name: "one task", flow: "Wide", file: "wide.py", args: []string{"run", "--n", "1"},
			status: ok, tasks: states{"start": one(ok), "work": one(ok), "join": one(ok), "end": one(ok)}},
		{name: "three tasks", flow: "Wide", file: "wide.py", args: []string{"run", "--n", "3"},
			status: ok, tasks: states{"start": one(ok), "work": times(3, ok), "join": one(ok), "end": one(ok)}},
		{name: "ends", flow: "Ends", file: "ends.py",
			status: ok, tasks: states{"begin": one(ok), "finish": one(ok)}},
		{name: "tagged later", flow: "Linear", file: "linear.py", args: []string{"tag", "add", "--run-id", "{}", "second"}, after: "linear"},
		{name: "spin", flow: "Linear", file: "linear.py", args: []string{"spin", "--persist", "middle"}, after: "linear"},
		{name: "resumed", flow: "Handled", file: "handled.py", args: []string{"resume", "--origin-run-id", "{}"}, env: []string{"MEND=1"}, after: "handled",
			status: ok, tasks: states{"start": one(cloned), "work": times(3, cloned), "join": one(cloned), "slow": one(cloned), "last": one(ok), "end": one(ok)}},
		{name: "resume of nothing", flow: "Fails", file: "fails.py", args: []string{"resume", "--origin-run-id", "1"}, fails: true,
			status: failed, tasks: states{}},
		{name: "import fails", flow: "Fails", file: "fails.py", env: []string{"WHERE=import"}, fails: true, gone: true},
		{name: "syntax error", flow: "Half", file: "half.py", fails: true, gone: true},
	}
	for where, s := range map[string]runstate.Status{
		"import of the task": failed, "start": failed, "exit": failed, "unpicklable": failed,
		"segfault": crashed, "kill": crashed, "interrupt": failed, "group": killed, "scheduler": ok,
	} {
		all = append(all, scenario{name: where + " fails", flow: "Fails", file: "fails.py", env: []string{"WHERE=" + where}, fails: true,
			status: failed, tasks: states{"start": one(s), "work": nil, "join": nil, "end": nil}})
	}
	return all
}

func (s scenario) arguments(origin string) []string {
	args := s.args
	if args == nil {
		args = []string{"run"}
	}
	out := []string{s.file, "--no-pylint"}
	for _, a := range args {
		if a == "{}" {
			a = origin
		}
		out = append(out, a)
	}
	if s.recorded() {
		out = append(out, "--run-id-file", s.idFile())
	}
	return out
}

// recorded: the command makes a run whose id can be asked for.
func (s scenario) recorded() bool {
	return !s.gone && s.name != "tagged later" && s.name != "resume of nothing"
}

func (s scenario) idFile() string { return fmt.Sprintf("%s.id", s.name) }
