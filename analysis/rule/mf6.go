package rule

import (
	"slices"
	"strings"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// packageRules are about packages that a step imports: MF6xx.
var packageRules = []*Rule{stepLacksPackage, fileLacksPackage}

var (
	stepLacksPackage = &Rule{Code: "MF601", Name: "package-not-in-environment", Severity: Warning, Summary: "A step imports what its @pypi or @conda does not install."}
	fileLacksPackage = &Rule{Code: "MF602", Name: "top-level-import-not-in-environment", Severity: Warning, Summary: "The file imports at its top what the environment of a step does not install."}
)

// packageChecks finds what breaks packageRules.
func (c *checker) packageChecks() {
	if c.flow.Open || c.flow.Broken || !known(c.flow.Decorators, catalog.Default().Flow) {
		return
	}
	lacking := map[int][]*flow.Step{} // by import of the file
	for _, s := range c.flow.Steps {
		listed, sure := c.environment(s)
		if !sure {
			continue
		}
		c.importsOfStep(s, listed)
		for i, im := range c.file.Imports {
			if missing(im.Module, listed) != "" {
				lacking[i] = append(lacking[i], s)
			}
		}
	}
	said := map[string]bool{}
	for i, im := range c.file.Imports {
		if steps := lacking[i]; len(steps) > 0 && !said[top(im.Module)] {
			said[top(im.Module)] = true
			c.topImport(im, steps)
		}
	}
}

func top(module string) string {
	first, _, _ := strings.Cut(module, ".")
	return first
}

// missing is the distribution that an environment lacks for a module, "" if it
// has it or nothing is certain.
func missing(module string, listed []string) string {
	wanted := catalog.KnownPackages().Provider(top(module))
	if wanted == "" || catalog.KnownPackages().Bring(listed, wanted) {
		return ""
	}
	return wanted
}

// environment is what the step and the flow say is installed; sure is false
// when the step has no environment of its own or part of it is unknown.
func (c *checker) environment(s *flow.Step) (listed []string, sure bool) {
	if s.Broken || !known(s.Decorators, catalog.Default().Step) {
		return nil, false
	}
	for _, d := range slices.Concat(s.Decorators, c.flow.Decorators) {
		switch d.Name {
		case "pypi", "conda", "pypi_base", "conda_base":
		default:
			continue
		}
		for _, a := range d.Args {
			switch {
			case a.Name == "python":
			case (a.Name == "packages" || a.Name == "libraries") && a.Value.Kind == flow.Dict && !a.Value.Unpacks:
				for _, k := range a.Value.Keys {
					if k.Kind != flow.String {
						return nil, false
					}
					listed = append(listed, k.Text)
				}
			default: // disabled, or packages from elsewhere
				return nil, false
			}
		}
	}
	return listed, len(listed) > 0
}

// importsOfStep checks the imports that the body of a step surely runs.
func (c *checker) importsOfStep(s *flow.Step, listed []string) {
	var walk func([]flow.Op)
	walk = func(ops []flow.Op) {
		for _, o := range ops {
			switch o.Kind {
			case flow.OpImport:
				if wanted := missing(o.Name, listed); wanted != "" {
					c.report(Diagnostic{Rule: stepLacksPackage, Span: o.Span.Shift(s.Method.Base), Step: s.Name,
						Message: "The environment of `" + s.Name + "` has no `" + top(o.Name) + "`: add `" + wanted + "` to its packages.", Fixes: addPackage(s, wanted)})
				}
			case flow.OpWith, flow.OpLoop:
				for _, b := range o.Blocks {
					walk(b)
				}
			}
		}
	}
	walk(s.Method.Code().Ops)
}

// addPackage puts a distribution into the packages of the step, in any version:
// which one, only the user knows.
func addPackage(s *flow.Step, name string) []Fix {
	for _, d := range s.Decorators {
		for _, a := range d.Args {
			if a.Name != "packages" || len(a.Value.Items) == 0 {
				continue
			}
			at := a.Value.Items[len(a.Value.Items)-1].Span.End
			return []Fix{{Title: "Add " + name + " in any version", Edits: []text.Edit{{Span: text.Span{Start: at, End: at}, New: ", " + pythonString(name) + `: ">=0"`}}}}
		}
	}
	return nil
}

func (c *checker) topImport(im flow.Import, steps []*flow.Step) {
	line := c.file.Text.LineSpan(c.file.Text.Line(im.At))
	code := strings.TrimRight(c.file.Slice(text.Span{Start: im.At, End: line.End}), " \t")
	if comment := strings.IndexByte(code, '#'); comment >= 0 {
		code = strings.TrimRight(code[:comment], " \t")
	}
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = s.Name
	}
	c.report(Diagnostic{Rule: fileLacksPackage, Span: text.Span{Start: im.At, End: im.At + len(code)},
		Message: "Every step imports `" + top(im.Module) + "` here, but the packages of " + quote(names) + " do not bring it: add it there, or import it in the steps that use it."})
}
