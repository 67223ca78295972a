package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"flowls/analysis/config"
	"flowls/analysis/rule"
	"flowls/internal/project"
)

// filter keeps the findings that the flags and the configuration leave.
type filter struct {
	flags config.Layer
	min   rule.Severity
	// projects is nil when no configuration is read.
	projects *project.Loader
}

func newFilter(selects, ignores []string, min string) (*filter, error) {
	f := &filter{}
	var err error
	if f.flags.Select, err = selectors("select", selects); err != nil {
		return nil, err
	}
	if f.flags.Ignore, err = selectors("ignore", ignores); err != nil {
		return nil, err
	}
	var wrong string
	if f.min, wrong = config.ParseSeverity(min); wrong != "" {
		return nil, oneOf("min-severity", min, "hint", "info", "warning", "error")
	}
	return f, nil
}

func selectors(flag string, written []string) ([]rule.Selector, error) {
	var out []rule.Selector
	for _, w := range written {
		s, wrong := config.ParseSelector(w)
		if wrong != "" {
			return nil, usageError{fmt.Errorf("--%s: %s", flag, wrong)}
		}
		out = append(out, s)
	}
	return out, nil
}

// keep gives what is left of the findings in a file, which is given by its
// absolute path; "" is standard input, a file of the folder without a name. The
// project is the one that had a say, nil if none had.
func (f *filter) keep(dir, file string, found []rule.Diagnostic) ([]rule.Diagnostic, *project.Project, error) {
	layers := []config.Layer{f.flags}
	var p *project.Project
	if f.projects != nil {
		if dir == "" {
			return nil, nil, errors.New("has no absolute path: the current folder is gone")
		}
		p = f.projects.Folder(dir)
		layers = append(layers, p.In(file))
	}
	var kept []rule.Diagnostic
	for _, d := range config.Apply(found, layers...) {
		if d.Severity() >= f.min {
			kept = append(kept, d)
		}
	}
	return kept, p, nil
}

// complain says on standard error what is wrong with a project, once.
func (c *checker) complain(p *project.Project) error {
	if p == nil || len(p.Problems) == 0 || c.complained[p] {
		return nil
	}
	c.complained[p] = true
	// Keep what was found before in front of the complaint.
	if err := c.out.Flush(); err != nil {
		return err
	}
	shown := p.File
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, p.File); err == nil && filepath.IsLocal(rel) {
			shown = rel
		}
	}
	for _, problem := range p.Problems {
		fmt.Fprintf(c.err, "flowls: %s:%d: %s\n", printable(shown), start(p.Text, problem.Span).Line, printable(problem.Message))
	}
	return nil
}
