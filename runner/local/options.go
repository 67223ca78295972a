package local

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Options say how Metaflow runs a flow, whatever its parameters are.
type Options struct {
	// With are decorators for every step: --with retry:times=3.
	With []string `json:"with,omitempty"`
	Tags []string `json:"tags,omitempty"`
	// MaxWorkers and MaxNumSplits: 0 leaves Metaflow's own limit.
	MaxWorkers   int `json:"maxWorkers,omitempty"`
	MaxNumSplits int `json:"maxNumSplits,omitempty"`
	// Environment is one of Environments; empty: what the configuration of Metaflow says.
	Environment string `json:"environment,omitempty"`
	// Profile chooses a configuration of Metaflow: METAFLOW_PROFILE.
	Profile string `json:"profile,omitempty"`
	// Namespace is what the code of the run sees of other runs; nil: that of
	// the user, empty: everything.
	Namespace *string `json:"namespace,omitempty"`
}

// Config is a value for a Config of the flow: a file, or the value itself.
type Config struct {
	Name  string `json:"name"`
	Path  string `json:"path,omitempty"`
	Value string `json:"value,omitempty"` // JSON, or what the Config's parser reads
}

// Environments are the values of --environment.
var Environments = []string{"local", "conda", "pypi", "uv"}

var (
	withPattern    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*(:.*)?$`) })
	profilePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`) }) // part of a file's name
)

const maxTag = 500 // characters, as Metaflow has it

// Validate reports what Metaflow would refuse, or what would be another option.
func (o Options) Validate() error {
	for _, w := range o.With {
		if !withPattern().MatchString(w) || !plain(w) {
			return fmt.Errorf("%q is no decorator: write `retry`, or with arguments `retry:times=3`", w)
		}
	}
	for _, t := range o.Tags {
		if t == "" || !plain(t) || utf8.RuneCountInString(t) > maxTag {
			return fmt.Errorf("%q is no tag: one line of 1 to %d characters is", t, maxTag)
		}
	}
	switch {
	case o.MaxWorkers < 0:
		return fmt.Errorf("max-workers %d: at least one task must run at a time", o.MaxWorkers)
	case o.MaxNumSplits < 0:
		return fmt.Errorf("max-num-splits %d: a foreach has at least one task", o.MaxNumSplits)
	case o.Environment != "" && !slices.Contains(Environments, o.Environment):
		return fmt.Errorf("environment %q: use one of %s", o.Environment, strings.Join(Environments, ", "))
	case o.Profile != "" && !profilePattern().MatchString(o.Profile):
		return fmt.Errorf("profile %q is no name of a configuration", o.Profile)
	case o.Namespace != nil && !plain(*o.Namespace):
		return errors.New("the namespace must be one line of text")
	}
	return nil
}

// plain: one line of valid text, as a word of a command line can be.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

func (c Config) validate() error {
	switch {
	case !optionName(c.Name):
		return fmt.Errorf("config name %q is not valid", c.Name)
	case c.Path != "" && c.Value != "":
		return fmt.Errorf("config %s has both a file and a value", c.Name)
	case strings.ContainsRune(c.Path+c.Value, 0):
		return fmt.Errorf("config %s holds a NUL character", c.Name)
	}
	return nil
}

// top are the options before the command. Spin takes decorators only here.
func (s Spec) top() []string {
	var argv []string
	if s.Environment != "" {
		argv = append(argv, "--environment="+s.Environment)
	}
	for _, c := range s.Configs {
		if c.Path != "" {
			argv = append(argv, "--config", c.Name, c.Path)
		} else {
			argv = append(argv, "--config-value", c.Name, c.Value)
		}
	}
	if s.Kind == Spin {
		argv = append(argv, s.with()...)
	}
	return argv
}

func (s Spec) with() []string {
	var argv []string
	for _, w := range s.decorators() {
		argv = append(argv, "--with="+w)
	}
	return argv
}

// options of the command itself: spin knows none of them.
func (s Spec) options() []string {
	if s.Kind == Spin {
		return nil
	}
	argv := s.with()
	for _, t := range s.Tags {
		argv = append(argv, "--tag="+t)
	}
	if s.MaxWorkers > 0 {
		argv = append(argv, "--max-workers="+strconv.Itoa(s.MaxWorkers))
	}
	if s.MaxNumSplits > 0 {
		argv = append(argv, "--max-num-splits="+strconv.Itoa(s.MaxNumSplits))
	}
	if s.Namespace != nil && s.Kind == Run {
		argv = append(argv, "--namespace="+*s.Namespace)
	}
	return argv
}

// Takes are the names of the options that a kind of run has a place for, as JSON has them.
func (k Kind) Takes() []string {
	takes := []string{"with", "environment", "profile"}
	if k != Spin {
		takes = append(takes, "tags", "maxWorkers", "maxNumSplits")
	}
	if k == Run {
		takes = append(takes, "namespace")
	}
	return takes
}

// unfit names an option that the kind of run has no place for.
func (s Spec) unfit() error {
	var given []string
	refuse := func(there bool, name string) {
		if there {
			given = append(given, name)
		}
	}
	if s.Kind == Spin {
		refuse(len(s.Tags) > 0, "tags")
		refuse(s.MaxWorkers > 0, "max-workers")
		refuse(s.MaxNumSplits > 0, "max-num-splits")
	}
	if s.Kind != Run {
		refuse(s.Namespace != nil, "namespace")
	}
	if len(given) > 0 {
		return fmt.Errorf("`%s` of Metaflow does not take %s", s.Kind, strings.Join(given, ", "))
	}
	return nil
}

// OptionsLine are the options as they stand on a command line, "" if none is set.
func (s Spec) OptionsLine() string {
	line := ShellLine(append(s.top(), s.options()...))
	if s.Profile != "" {
		line = strings.TrimSpace("METAFLOW_PROFILE=" + shellWord(s.Profile) + " " + line)
	}
	return line
}
