package server

import (
	"slices"
	"strconv"
	"strings"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/runner/local"
	"flowls/runner/runstate"
)

// lackedPackage is what the image of a task lacks for a module.
type lackedPackage struct {
	name    string // in PyPI's normal form
	version string // the one that the user has, "" if nobody knows
	top     bool   // the file imports it at its top: all steps need it
}

// lackedPackage is nil unless a task on a cluster failed for a module of which the
// package is known.
func (s *stepView) lackedPackage(script string) *lackedPackage {
	if s.failure == nil || s.failure.Exception == nil || s.podOf(s.failure) == nil || exceptionClass(s.failure.Exception) != "ModuleNotFoundError" {
		return nil
	}
	m := noModule().FindStringSubmatch(strings.TrimSpace(s.failure.Exception.Message))
	if m == nil {
		return nil
	}
	top, _, _ := strings.Cut(m[1], ".")
	lacks := &lackedPackage{name: catalog.KnownPackages().Provider(top), top: atTop(userFrames(s.failure.Exception, script))}
	if lacks.name == "" {
		return nil
	}
	if s.of.record != nil {
		lacks.version = local.PackageVersion(s.of.record.Interpreter, lacks.name)
	}
	return lacks
}

func atTop(frames []runstate.Frame) bool {
	return len(frames) > 0 && frames[len(frames)-1].Function == "<module>"
}

// installers are Metaflow's decorators that install packages.
var installers = []string{"pypi", "conda", "pypi_base", "conda_base"}

func installer(d *flow.Decorator) bool {
	return d.FromMetaflow && slices.Contains(installers, d.Name)
}

// packageFixes have Metaflow install the package: where the step lists its
// packages, else where the flow does, else in a list of its own.
func (v *view) packageFixes(f *flow.Flow, s *flow.Step, lacks *lackedPackage) []rule.Fix {
	if lacks == nil || s.File != "" || slices.ContainsFunc(f.BaseDecorators, installer) {
		return nil
	}
	own, all := slices.IndexFunc(s.Decorators, installer), slices.IndexFunc(f.Decorators, installer)
	switch {
	case all >= 0 && (lacks.top || own < 0):
		return lacks.listed(v, f.Decorators[all])
	case own >= 0 && !lacks.top:
		return lacks.listed(v, s.Decorators[own])
	}
	name, at := "pypi", s.Span.Start
	if lacks.top {
		name, at = "pypi_base", f.Span.Start
		if slices.ContainsFunc(f.Steps, func(s *flow.Step) bool { return decoratorNamed(s, "conda") != nil }) {
			return nil // Metaflow does not mix the two
		}
	}
	fixes := v.decorate(at, name, "(packages={"+lacks.entry(name)+"})", "Install "+lacks.words(name)+" with @"+name+", which needs --environment=pypi")
	for i := range fixes {
		fixes[i].Preferred = false // another image may have it
	}
	return fixes
}

// listed adds it to the packages of a decorator.
func (l *lackedPackage) listed(v *view, d *flow.Decorator) []rule.Fix {
	if conda(d.Name) && catalog.KnownPackages().Renamed(l.name) {
		return nil // conda may call it otherwise
	}
	var list *flow.Value
	for i, a := range d.Args {
		switch {
		case a.Name == "python":
		case (a.Name == "packages" || a.Name == "libraries") && a.Value.Kind == flow.Dict && !a.Value.Unpacks && list == nil:
			list = &d.Args[i].Value
		default: // disabled, or packages from elsewhere
			return nil
		}
	}
	title := "Add " + l.words(d.Name) + " to @" + d.Name
	if list == nil {
		fix := v.addArgument(d, "packages={"+l.entry(d.Name)+"}", title)
		fix.Preferred = false
		return []rule.Fix{fix}
	}
	var names []string
	for _, key := range list.Keys {
		names = append(names, key.Text)
	}
	if len(names) > 0 && catalog.KnownPackages().Bring(names, l.name) {
		return nil // it is listed: the run went without
	}
	at, added := list.Span.Start+1, l.entry(d.Name)
	if n := len(list.Items); n > 0 {
		at, added = list.Items[n-1].Span.End, ", "+added
	}
	return []rule.Fix{{Title: title, Edits: []text.Edit{{Span: text.Span{Start: at, End: at}, New: added}}}}
}

func conda(decorator string) bool { return strings.HasPrefix(decorator, "conda") }

// wanted is the version that the user has. Conda may not have that one.
func (l *lackedPackage) wanted(decorator string) string {
	if conda(decorator) {
		return ""
	}
	return l.version
}

func (l *lackedPackage) entry(decorator string) string {
	version := l.wanted(decorator)
	if version == "" {
		version = ">=0"
	}
	return strconv.Quote(l.name) + ": " + strconv.Quote(version)
}

func (l *lackedPackage) words(decorator string) string {
	if version := l.wanted(decorator); version != "" {
		return l.name + " " + version
	}
	return l.name + " in any version"
}
