package local

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Kind is what a run does.
type Kind string

const (
	Run    Kind = "run"    // the whole flow
	Spin   Kind = "spin"   // one step, with the inputs that it had in an earlier run
	Resume Kind = "resume" // the flow from one step on, the rest cloned from an earlier run
	// RemoteSpin is Spin on a cluster. Metaflow has no command for it: a program of
	// ours (runner/remotespin) has its resume schedule one task.
	RemoteSpin Kind = "remote-spin"
)

// Spec says what to run. It holds no secret: it is recorded as it is, except
// for the values in Env.
type Spec struct {
	// ID names the run folder; NewID makes one. Empty: Start chooses.
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	Flow string `json:"flow"`
	// Step is the step to spin, here or remotely, or to resume from (empty: from the failed ones).
	Step string `json:"step,omitempty"`
	// Script is the absolute path of the flow's file.
	Script string `json:"script"`
	// Interpreter is the absolute path of the Python executable.
	Interpreter string `json:"interpreter"`
	// Origin is the Metaflow run that spin takes inputs from and resume clones.
	Origin string `json:"origin,omitempty"`
	// Task is the task of Step in Origin whose inputs spin takes; empty: Metaflow chooses.
	Task string `json:"task,omitempty"`
	// Program is the absolute path of the program of RemoteSpin.
	Program string `json:"program,omitempty"`
	// Kubernetes is set for a run whose tasks go to a cluster.
	Kubernetes *Kubernetes `json:"kubernetes,omitempty"`
	Options
	// Configs are values for Configs of the flow.
	Configs []Config `json:"configs,omitempty"`
	// Args are further arguments of the command, after the ones made from the fields above.
	Args []string `json:"args,omitempty"`
	// Dir is the working directory: Metaflow looks for .metaflow from there upward.
	Dir string `json:"dir"`
	// Grace is how long the run has to end by itself when it is stopped; 0: DefaultGrace.
	Grace time.Duration `json:"grace,omitempty"`
	// Env is added to the environment of the process that calls Start, as NAME=value.
	Env []string `json:"-"`
}

var (
	idPattern   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`) })
	namePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })
	partPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`) }) // run and task ids of any metadata provider
)

// Validate reports what makes the spec impossible to run. It checks values,
// not files: a script may vanish between the check and the start.
func (s Spec) Validate() error {
	for _, path := range []string{s.Script, s.Interpreter, s.Dir} {
		if !utf8.ValidString(path) { // JSON would record another path
			return fmt.Errorf("the path %q is not UTF-8", path)
		}
	}
	switch {
	case !filepath.IsAbs(s.Script):
		return fmt.Errorf("script %q is not an absolute path", s.Script)
	case !filepath.IsAbs(s.Interpreter):
		return fmt.Errorf("interpreter %q is not an absolute path", s.Interpreter)
	case !filepath.IsAbs(s.Dir):
		return fmt.Errorf("working directory %q is not an absolute path", s.Dir)
	case s.ID != "" && !idPattern().MatchString(s.ID):
		return fmt.Errorf("run id %q is not valid", s.ID)
	case s.Step != "" && !namePattern().MatchString(s.Step):
		return fmt.Errorf("step %q is not a name", s.Step)
	case s.Origin != "" && !partPattern().MatchString(s.Origin):
		return fmt.Errorf("origin run %q is not a run id", s.Origin)
	case s.Task != "" && !partPattern().MatchString(s.Task):
		return fmt.Errorf("task %q is not a task id", s.Task)
	}
	if err := s.Options.Validate(); err != nil {
		return err
	}
	for _, c := range s.Configs {
		if err := c.validate(); err != nil {
			return err
		}
	}
	for _, a := range s.Args {
		if strings.ContainsRune(a, 0) {
			return fmt.Errorf("the argument %q holds a NUL character", a)
		}
	}
	switch s.Kind {
	case Run:
	case Spin:
		if s.Step == "" {
			return errors.New("spin needs a step")
		}
		if s.Task != "" && s.Origin == "" {
			return errors.New("spin of a task needs the run of the task")
		}
	case Resume:
		// Without an origin Metaflow trusts latest_run, which spin overwrites.
		if s.Origin == "" {
			return errors.New("resume needs the run to resume")
		}
	case RemoteSpin:
		switch {
		case s.Step == "" || s.Origin == "":
			return errors.New("one step needs its name and the run to take its inputs from")
		case s.Kubernetes == nil:
			return errors.New("one step on a cluster needs the cluster")
		case !filepath.IsAbs(s.Program):
			return fmt.Errorf("program %q is not an absolute path", s.Program)
		}
	default:
		return fmt.Errorf("unknown kind %q", s.Kind)
	}
	return s.unfit()
}

// Argv is the command line, the interpreter first. runIDFile is where Metaflow
// shall write its run id.
func (s Spec) Argv(runIDFile string) []string {
	return s.argv([]string{"--run-id-file=" + runIDFile})
}

// argv is the command line; own is what flowls adds for itself.
func (s Spec) argv(own []string) []string {
	argv := []string{s.Interpreter}
	if own != nil {
		argv = append(argv, "-u")
	}
	command := string(s.Kind)
	if s.Kind == RemoteSpin {
		argv = append(argv, s.Program, s.origin())
		command = string(Resume)
	}
	argv = append(append(argv, s.Script), s.top()...)
	argv = append(append(argv, command), own...)
	argv = append(argv, s.options()...)
	switch s.Kind {
	case Spin:
		argv = append(argv, "--persist")
		argv = append(argv, s.Args...)
		argv = append(argv, s.origin())
	case Resume, RemoteSpin:
		// In two words: of --origin-run-id=X Metaflow takes the run, but not its Configs.
		argv = append(argv, "--origin-run-id", s.Origin)
		argv = append(argv, s.Args...)
		if s.Step != "" {
			argv = append(argv, s.Step)
		}
	default:
		argv = append(argv, s.Args...)
	}
	return argv
}

// origin is the task, or the step, whose inputs a spin takes.
func (s Spec) origin() string {
	origin := s.Step
	if s.Origin != "" {
		origin = s.Origin + "/" + origin
		if s.Task != "" {
			origin += "/" + s.Task
		}
	}
	return origin
}

// ParameterArgs turns values of Parameters into arguments, in the order given.
// The form --name=value keeps a value that starts with a dash from being read
// as an option.
func ParameterArgs(names []string, value func(name string) string) ([]string, error) {
	args := make([]string, 0, len(names))
	for _, name := range names {
		if !optionName(name) {
			return nil, fmt.Errorf("parameter name %q is not valid", name)
		}
		args = append(args, "--"+name+"="+value(name))
	}
	return args, nil
}

// optionName: what can stand behind -- and before = on a command line.
func optionName(name string) bool {
	return name != "" && !strings.HasPrefix(name, "-") && !strings.ContainsAny(name, "= \t\r\n\x00")
}

// parameterEnv begins the variables in which Metaflow looks for parameters that
// are not on the command line.
const parameterEnv = "METAFLOW_RUN_"

// ParameterEnv passes a parameter's value in the environment: other users of
// the machine see command lines, and the record of the run keeps them.
func ParameterEnv(name, value string) string {
	return parameterEnv + strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + "=" + value
}
