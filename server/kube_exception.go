package server

import (
	"path/filepath"
	"slices"
	"strings"

	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/runstate"
)

// podOf is what the cluster says of the attempt that failed, nil if nothing.
func (s *stepView) podOf(f *runstate.Failure) *wire.KubeState {
	if f == nil {
		return nil
	}
	if state := s.of.pods.stateOf(s.name, f.Task.ID); state != nil && state.Attempt == f.Attempt.N {
		return state
	}
	return nil
}

// withPodException gives a failure the exception that its container printed last,
// where Metaflow's own record of it is not at hand: it is in the data store. What
// failed before it came to Metaflow has no record at all.
func (s *stepView) withPodException(script string) {
	if s.failure == nil && s.of.status() == statusFailed {
		for _, state := range s.of.pods.step(s.name).troubled() {
			if task := s.taskOf(state); task != nil && task.Last() == nil && state.Phase == "failed" {
				if e := containerException(state.Message, script); e != nil {
					s.failure = &runstate.Failure{Task: task, Attempt: &runstate.Attempt{N: state.Attempt}, Exception: e}
					return
				}
			}
		}
	}
	state := s.podOf(s.failure)
	if state == nil || s.failure.Exception != nil || state.Phase != "failed" {
		return
	}
	if e := containerException(state.Message, script); e != nil {
		told := *s.failure
		told.Exception = e
		s.failure = &told
	}
}

// containerException reads the end of what a container printed. The exception
// counts if it ended the task: it went through Metaflow, or the file could not be
// imported. Another one may have been printed and dealt with.
func containerException(printed, script string) *runstate.Exception {
	e := runstate.PrintedException(withoutHousekeeping(printed))
	if e == nil {
		return nil
	}
	dir, name := filepath.Split(script)
	root := "/metaflow/" // where Metaflow unpacks the code, below the folder of the image
	for _, f := range e.Frames {
		if at, ok := strings.CutSuffix(f.File, "/metaflow/"+name); ok {
			root = at + "/metaflow/"
		}
	}
	ended := false
	for i, f := range e.Frames {
		ended = ended || f.Function == "_exec_step_function" || f.Function == "<module>" && f.File == root+name
		if rest, ok := strings.CutPrefix(f.File, root); ok && !strings.HasPrefix(rest, ".mf_code/") {
			e.Frames[i].File = filepath.Join(dir, filepath.FromSlash(rest))
		}
	}
	if !ended {
		return nil
	}
	return e
}

// withoutHousekeeping leaves out what Metaflow says about storing the log.
func withoutHousekeeping(printed string) string {
	lines := slices.DeleteFunc(strings.Split(printed, "\n"), local.Housekeeping)
	return strings.TrimRight(strings.Join(lines, "\n"), " \n")
}

// lastWords is the last line that the task's own code printed.
func lastWords(printed string) string { return lastLine(withoutHousekeeping(printed)) }

// missingInImage tells how a module gets into the pods of a step.
func missingInImage(state *wire.KubeState, module string) string {
	top, _, _ := strings.Cut(module, ".")
	return "The image `" + state.Image + "` has no `" + top + "`. Take one that has it (`@kubernetes(image=…)`), or name its package in `@pypi(packages={…})` " +
		"and run with `--environment=pypi`; the package may be called otherwise than `" + top + "`."
}

// podPlace says where the attempt ran that failed, "" for one on this machine.
func (s *stepView) podPlace() string {
	state := s.podOf(s.failure)
	if state == nil || state.Pod == "" {
		return ""
	}
	if state.Node == "" {
		return ", pod " + state.Pod
	}
	return ", pod " + state.Pod + " on " + state.Node
}
