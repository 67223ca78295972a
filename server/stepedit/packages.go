package stepedit

import (
	"slices"
	"strconv"
	"strings"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// Lacked is what the image of a task lacks for a module.
type Lacked struct {
	Name    string // in PyPI's normal form
	Version string // the one that the user has, "" if nobody knows
	Top     bool   // the file imports it at its top: all steps need it
}

// installers are Metaflow's decorators that install packages.
var installers = []string{"pypi", "conda", "pypi_base", "conda_base"}

func installer(d *flow.Decorator) bool {
	return d.FromMetaflow && slices.Contains(installers, d.Name)
}

// Fixes have Metaflow install the package: where the step lists its packages, else
// where the flow does, else in a list of its own. l may be nil.
func (l *Lacked) Fixes(src *text.Text, f *flow.Flow, s *flow.Step) []rule.Fix {
	if l == nil || s.File != "" || slices.ContainsFunc(f.BaseDecorators, installer) {
		return nil
	}
	own, all := slices.IndexFunc(s.Decorators, installer), slices.IndexFunc(f.Decorators, installer)
	switch {
	case all >= 0 && (l.Top || own < 0):
		return l.listed(src, f.Decorators[all])
	case own >= 0 && !l.Top:
		return l.listed(src, s.Decorators[own])
	}
	name, at := "pypi", s.Span.Start
	if l.Top {
		name, at = "pypi_base", f.Span.Start
		if slices.ContainsFunc(f.Steps, func(s *flow.Step) bool { return Decorator(s, "conda") != nil }) {
			return nil // Metaflow does not mix the two
		}
	}
	fixes := Decorate(src, at, name, "(packages={"+l.entry(name)+"})", "Install "+l.words(name)+" with @"+name+", which needs --environment=pypi")
	for i := range fixes {
		fixes[i].Preferred = false // another image may have it
	}
	return fixes
}

// listed adds it to the packages of a decorator.
func (l *Lacked) listed(src *text.Text, d *flow.Decorator) []rule.Fix {
	if conda(d.Name) && catalog.KnownPackages().Renamed(l.Name) {
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
		fix := AddArgument(src, d, "packages={"+l.entry(d.Name)+"}", title)
		fix.Preferred = false
		return []rule.Fix{fix}
	}
	var names []string
	for _, key := range list.Keys {
		names = append(names, key.Text)
	}
	if len(names) > 0 && catalog.KnownPackages().Bring(names, l.Name) {
		return nil // it is listed: the run went without
	}
	at, added := list.Span.Start+1, l.entry(d.Name)
	if n := len(list.Items); n > 0 {
		end := list.Items[n-1].Span.End
		if strings.Contains(src.Slice(text.Span{Start: end, End: list.Span.End}), ")") {
			added += ", " // the last one stands in parentheses: before the first
		} else {
			at, added = end, ", "+added
		}
	}
	return []rule.Fix{{Title: title, Edits: []text.Edit{{Span: text.Span{Start: at, End: at}, New: added}}}}
}

func conda(decorator string) bool { return strings.HasPrefix(decorator, "conda") }

// wanted is the version that the user has. Conda may not have that one.
func (l *Lacked) wanted(decorator string) string {
	if conda(decorator) {
		return ""
	}
	return l.Version
}

func (l *Lacked) entry(decorator string) string {
	version := l.wanted(decorator)
	if version == "" {
		version = ">=0"
	}
	return strconv.Quote(l.Name) + ": " + strconv.Quote(version)
}

func (l *Lacked) words(decorator string) string {
	if version := l.wanted(decorator); version != "" {
		return l.Name + " " + version
	}
	return l.Name + " in any version"
}
