package server

import (
	"path/filepath"
	"slices"
	"strings"

	"flowls/runner/agent/wire"
	"flowls/runner/runstate"
	"flowls/server/podtrouble"
	"flowls/server/stepedit"
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
		tasks := s.tasksByID()
		for _, state := range s.of.pods.step(s.name).troubled() {
			if task := tasks[state.Task]; task != nil && task.Last() == nil && state.Phase == "failed" {
				if e := containerException(state.Message, script); e != nil {
					s.failure = &runstate.Failure{Task: task, Attempt: &runstate.Attempt{N: state.Attempt}, Exception: e}
					return
				}
			}
		}
	}
	if s.failure != nil && s.failure.Exception != nil {
		if e := atHome(s.failure.Exception, script); e != s.failure.Exception {
			told := *s.failure
			told.Exception = e
			s.failure = &told
		}
		return
	}
	state := s.podOf(s.failure)
	if state == nil || state.Phase != "failed" {
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
	e := runstate.PrintedException(podtrouble.Printed(printed))
	if e == nil {
		return nil
	}
	root, name := unpackedAt(e, script), filepath.Base(script)
	if !slices.ContainsFunc(e.Frames, func(f runstate.Frame) bool {
		return f.Function == "_exec_step_function" || f.Function == "<module>" && f.File == root+name
	}) {
		return nil
	}
	return atHome(e, script)
}

// unpackedAt is the folder in which a container had the code: Metaflow unpacks it
// below that of the image, with itself in a folder of its own. "" if no frame
// shows it.
func unpackedAt(e *runstate.Exception, script string) string {
	root := ""
	for _, f := range e.Frames {
		if at, _, ok := strings.Cut(f.File, "/metaflow/.mf_code/"); ok {
			return at + "/metaflow/"
		}
		if at, ok := strings.CutSuffix(f.File, "/metaflow/"+filepath.Base(script)); ok && !strings.Contains(at, "/site-packages") {
			root = at + "/metaflow/"
		}
	}
	return root
}

// atHome names the files of a container as they are called here, whoever told of
// the exception: the container, or the data store.
func atHome(e *runstate.Exception, script string) *runstate.Exception {
	root := unpackedAt(e, script)
	if root == "" || len(userFrames(e, script)) > 0 {
		return e
	}
	told := *e
	told.Frames = slices.Clone(e.Frames)
	for i, f := range told.Frames {
		if rest, ok := strings.CutPrefix(f.File, root); ok && !strings.HasPrefix(rest, ".mf_code/") {
			told.Frames[i].File = filepath.Join(filepath.Dir(script), filepath.FromSlash(rest))
		}
	}
	return &told
}

// missingInImage tells how a module gets into the pods of a step.
func missingInImage(state *wire.KubeState, module string, lacks *stepedit.Lacked) string {
	top, _, _ := strings.Cut(module, ".")
	if lacks != nil {
		return "The image `" + state.Image + "` has no `" + top + "`. Take one that has it (`@kubernetes(image=…)`), or have `" + lacks.Name + "` installed by " +
			"`@pypi(packages={…})` and run with `--environment=pypi`."
	}
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
