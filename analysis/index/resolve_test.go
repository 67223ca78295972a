package index_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/index"
	"flowls/analysis/index/indextest"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// files makes a workspace of sections that begin with a line "-- name --".
func files(source string) indextest.Memory {
	m := indextest.Memory{}
	name, body := "", ""
	for line := range strings.Lines(source + "-- --\n") {
		if !strings.HasPrefix(line, "-- ") {
			body += line
			continue
		}
		if name != "" {
			m["/w/"+name] = text.New([]byte(body))
		}
		name, body = strings.Trim(line, "- \n"), ""
	}
	return m
}

const head = "from metaflow import FlowSpec, Parameter, project, step\n"

// baseFile is a module with a base flow that lacks the step fit.
const baseFile = head + `
@project(name="p")
class BaseFlow(FlowSpec):
    rate = Parameter("rate", default=1)

    @step
    def start(self):
        self.x = 1
        self.next(self.fit)

    @step
    def end(self):
        pass
`

// train is the rest of a flow that completes BaseFlow.
const train = `
from metaflow import step
class Train(BaseFlow):
    @step
    def fit(self):
        self.next(self.end)

if __name__ == "__main__":
    Train()
`

func load(t testing.TB, m indextest.Memory, path string) *analysis.Document {
	t.Helper()
	d, err := analysis.Load(&index.Site{Index: index.New(m), Path: path, Roots: []string{"/w", "/w/src"}})
	if err != nil || d == nil {
		t.Fatalf("%s: %v", path, err)
	}
	t.Cleanup(d.Close)
	return d
}

// Where an import leads, as Python has it; "" means that the flow is whole.
func TestResolution(t *testing.T) {
	star := "from metaflow import *\n"
	for name, c := range map[string]struct{ source, at, open string }{
		"beside":           {"-- f.py --\nfrom base import BaseFlow" + train + "-- base.py --\n" + baseFile, "f.py", ""},
		"import":           {"-- f.py --\nimport base" + strings.Replace(train, "(Base", "(base.Base", 1) + "-- base.py --\n" + baseFile, "f.py", ""},
		"as":               {"-- f.py --\nimport base as b" + strings.Replace(train, "(Base", "(b.Base", 1) + "-- base.py --\n" + baseFile, "f.py", ""},
		"submodule":        {"-- f.py --\nimport common.base" + strings.Replace(train, "(Base", "(common.base.Base", 1) + "-- common/__init__.py --\n-- common/base.py --\n" + baseFile, "f.py", ""},
		"renamed":          {"-- f.py --\nfrom base import BaseFlow as B" + strings.Replace(train, "(BaseFlow", "(B", 1) + "-- base.py --\n" + baseFile, "f.py", ""},
		"package":          {"-- f.py --\nfrom common.base import BaseFlow" + train + "-- common/__init__.py --\n-- common/base.py --\n" + baseFile, "f.py", ""},
		"namespace":        {"-- f.py --\nfrom common.base import BaseFlow" + train + "-- common/base.py --\n" + baseFile, "f.py", ""},
		"re-export":        {"-- f.py --\nfrom common import BaseFlow" + train + "-- common/__init__.py --\nfrom .base import BaseFlow\n-- common/base.py --\n" + baseFile, "f.py", ""},
		"re-export twice":  {"-- f.py --\nfrom common import BaseFlow" + train + "-- common/__init__.py --\nfrom .flows import BaseFlow\n-- common/flows/__init__.py --\nfrom .base import BaseFlow\n-- common/flows/base.py --\n" + baseFile, "f.py", ""},
		"absolute inside":  {"-- f.py --\nfrom common import BaseFlow" + train + "-- common/__init__.py --\nfrom common.base import BaseFlow\n-- common/base.py --\n" + baseFile, "f.py", ""},
		"submodule of own": {"-- f.py --\nfrom common import base" + strings.Replace(train, "(Base", "(base.Base", 1) + "-- common/__init__.py --\nfrom . import base\n-- common/base.py --\n" + baseFile, "f.py", ""},
		"same name":        {"-- f.py --\nfrom p.BaseFlow import BaseFlow" + train + "-- p/__init__.py --\nfrom .BaseFlow import BaseFlow\n-- p/BaseFlow.py --\n" + baseFile, "f.py", ""},
		"relative":         {"-- p/f.py --\nfrom .base import BaseFlow" + train + "-- p/__init__.py --\n-- p/base.py --\n" + baseFile, "p/f.py", ""},
		"relative module":  {"-- p/f.py --\nfrom . import base" + strings.Replace(train, "(Base", "(base.Base", 1) + "-- p/base.py --\n" + baseFile, "p/f.py", ""},
		"relative export":  {"-- p/f.py --\nfrom . import BaseFlow" + train + "-- p/__init__.py --\nfrom .base import *\n-- p/base.py --\n" + baseFile, "p/f.py", ""},
		"two up":           {"-- p/q/f.py --\nfrom ..base import BaseFlow" + train + "-- p/base.py --\n" + baseFile, "p/q/f.py", ""},
		"root":             {"-- flows/f.py --\nfrom common.base import BaseFlow" + train + "-- common/base.py --\n" + baseFile, "flows/f.py", ""},
		"src":              {"-- flows/f.py --\nfrom lib.base import BaseFlow" + train + "-- src/lib/__init__.py --\n-- src/lib/base.py --\n" + baseFile, "flows/f.py", ""},
		"own folder first": {"-- flows/f.py --\nfrom base import BaseFlow" + train + "-- flows/base.py --\n" + baseFile + "-- base.py --\nclass BaseFlow: pass\n", "flows/f.py", ""},
		"star":             {"-- f.py --\nfrom base import *" + train + "-- base.py --\n" + baseFile, "f.py", ""},
		"star all":         {"-- f.py --\nfrom metaflow import step\nfrom base import *" + train + "-- base.py --\n__all__ = ['BaseFlow']\n" + baseFile, "f.py", ""},
		"both stars":       {"-- f.py --\n" + strings.Replace(star, "metaflow", "more", 1) + "from base import *" + train + "-- more.py --\nx = 1\n-- base.py --\n" + baseFile, "f.py", ""},
		"alias":            {"-- f.py --\nfrom base import Alias as BaseFlow" + train + "-- base.py --\n" + baseFile + "\nAlias = BaseFlow\n", "f.py", ""},
		"mixins": {"-- f.py --\nfrom a import A\nfrom b import B" + strings.Replace(train, "(BaseFlow", "(A, B", 1) + "-- a.py --\nfrom base import Root\n" + head + "class A(Root):\n    @step\n    def start(self):\n        self.next(self.fit)\n" +
			"-- b.py --\nfrom base import Root\n" + head + "class B(Root):\n    @step\n    def end(self):\n        pass\n-- base.py --\n" + head + "class Root(FlowSpec):\n    pass\n", "f.py", ""},
		"chain":          {"-- f.py --\nfrom a import BaseFlow" + train + "-- a.py --\nfrom b import BaseFlow as Lower\nclass BaseFlow(Lower):\n    y = 2\n-- b.py --\n" + baseFile, "f.py", ""},
		"metaflow again": {"-- f.py --\nfrom mf import FlowSpec, step\nclass Train(FlowSpec):\n    @step\n    def start(self): pass\nTrain()\n-- mf.py --\nfrom metaflow import FlowSpec, step\n", "f.py", ""},

		"missing":           {"-- f.py --\nfrom base import BaseFlow" + train, "f.py", "the workspace has no module `base`"},
		"no such class":     {"-- f.py --\nfrom base import BaseFlow" + train + "-- base.py --\nx = 1\n", "f.py", "`base.py` defines no `BaseFlow`"},
		"not exported":      {"-- f.py --\nfrom base import *" + train + "-- base.py --\n__all__ = ['Other']\n" + baseFile, "f.py", "no star import"},
		"made by a call":    {"-- f.py --\nfrom base import BaseFlow" + train + "-- base.py --\nBaseFlow = make()\n", "f.py", "before the file runs"},
		"rebound":           {"-- f.py --\nfrom base import BaseFlow" + train + "-- base.py --\n" + baseFile + "if x:\n    class BaseFlow: pass\n", "f.py", "a condition in `base.py`"},
		"conditional":       {"-- f.py --\ntry:\n    from base import BaseFlow\nexcept ImportError:\n    from other import BaseFlow" + train + "-- base.py --\n" + baseFile + "-- other.py --\n" + baseFile, "f.py", "a condition decides"},
		"fallback":          {"-- f.py --\nfrom metaflow import FlowSpec\ntry:\n    from base import BaseFlow\nexcept ImportError:\n    BaseFlow = FlowSpec" + train, "f.py", "a condition decides"},
		"broken":            {"-- f.py --\nfrom base import BaseFlow" + train + "-- base.py --\n" + baseFile + "def (\n", "f.py", "`base.py` is not valid Python"},
		"binary":            {"-- f.py --\nfrom base import BaseFlow" + train + "-- base.py --\n\x00\n", "f.py", "`base.py` is binary"},
		"sys.path":          {"-- f.py --\nimport sys\nsys.path.insert(0, '..')\nfrom base import BaseFlow" + train + "-- base.py --\n" + baseFile, "f.py", "changes where Python looks"},
		"extended package":  {"-- f.py --\nfrom p.base import BaseFlow" + train + "-- p/__init__.py --\n__path__ = extend(__path__)\n-- p/base.py --\n" + baseFile, "f.py", "changes where Python looks"},
		"several":           {"-- flows/f.py --\nfrom base import BaseFlow" + train + "-- base.py --\n" + baseFile + "-- src/base.py --\n" + baseFile, "flows/f.py", "several modules `base`"},
		"folder or package": {"-- flows/f.py --\nfrom c.base import BaseFlow" + train + "-- flows/c/base.py --\n" + baseFile + "-- c/__init__.py --\n-- c/base.py --\n" + baseFile, "flows/f.py", "several modules `c`"},
		"names in a circle": {"-- f.py --\nfrom a import BaseFlow" + train + "-- a.py --\nfrom b import BaseFlow\n-- b.py --\nfrom a import BaseFlow\n", "f.py", "too many files"},
		"stars in a circle": {"-- f.py --\nfrom a import *" + train + "-- a.py --\nfrom b import *\n-- b.py --\nfrom a import *\n", "f.py", "no star import"},
		"bases in a circle": {"-- f.py --\nfrom a import BaseFlow" + train + "-- a.py --\nimport b\nclass BaseFlow(b.Other): pass\n-- b.py --\nimport a\nclass Other(a.BaseFlow): pass\n", "f.py", "inherits from itself"},
		"itself":            {"-- p/__init__.py --\nfrom p import BaseFlow" + train, "p/__init__.py", "imports from itself"},
		"a module":          {"-- f.py --\nimport base as BaseFlow" + train + "-- base.py --\n" + baseFile, "f.py", "it is a module"},
		"replaced":          {"-- f.py --\nfrom base import BaseFlow" + train + "-- base.py --\ndef tuned(c):\n    return make(c)\n" + strings.Replace(baseFile, "@project(name=\"p\")", "@tuned", 1), "f.py", "may replace the class"},
	} {
		t.Run(name, func(t *testing.T) {
			d := load(t, files(c.source), "/w/"+c.at)
			flows := d.File.Flows
			if len(flows) == 0 {
				t.Fatal("no flow")
			}
			f := flows[len(flows)-1]
			if f.Open != (c.open != "") || !strings.Contains(f.OpenReason, c.open) {
				t.Errorf("open %v: %q, want %q", f.Open, f.OpenReason, c.open)
			}
			for _, found := range d.Diagnostics {
				if found.Rule.Severity == rule.Error {
					t.Errorf("%s %s", found.Rule.Code, found.Message)
				}
			}
		})
	}
}

// What is inherited says where it comes from, and no place of it can be taken
// for one of this file.
func TestOrigin(t *testing.T) {
	m := files("-- f.py --\nfrom base import BaseFlow" + train + "-- base.py --\n" + baseFile)
	d := load(t, m, "/w/f.py")
	f := d.File.Flows[0]
	if len(f.Steps) != 3 || len(f.Parameters) != 1 || len(f.BaseDecorators) != 1 || f.BaseDecorators[0].Name != "project" {
		t.Fatalf("%d steps, %d parameters, %d decorators of bases", len(f.Steps), len(f.Parameters), len(f.BaseDecorators))
	}
	for _, s := range f.Steps {
		inherited := s.Name != "fit"
		if (s.File == "/w/base.py") != inherited || s.Span.Foreign() != inherited || f.Owns(s.Span) == inherited || s.Method.File != s.File {
			t.Errorf("%s: file %q, span %v, method of %q", s.Name, s.File, s.Span, s.Method.File)
		}
		if got := d.File.Slice(s.NameSpan); got != s.Name {
			t.Errorf("%s is called %q at its place", s.Name, got)
		}
		if line, want := d.File.Line(s.DefSpan.Start), map[string]int{"start": 7, "end": 12, "fit": 4}[s.Name]; line != want {
			t.Errorf("%s is in line %d, want %d", s.Name, line, want)
		}
	}
	if p := f.Parameters[0]; p.File != "/w/base.py" || d.File.Slice(p.AttrSpan) != "rate" || !p.Call().Span.Foreign() {
		t.Errorf("%+v", p)
	}
	if full, bound := f.Resolve("project", f.Steps[0].Span.Start); full != "metaflow.project" || !bound {
		t.Errorf("project is %q in the other file", full)
	}
	if _, bound := f.Resolve("project", f.Span.End); bound {
		t.Error("project is bound in this file")
	}
}

// A finding about a step of another file is at the class, with the place in
// the other file; nothing in it has a span of that file.
func TestFindingsComeHome(t *testing.T) {
	broken := strings.Replace(baseFile, "self.next(self.fit)", "self.next(self.fti)", 1)
	d := load(t, files("-- f.py --\nfrom base import BaseFlow"+train+"-- base.py --\n"+broken), "/w/f.py")
	var codes []string
	for _, found := range d.Diagnostics {
		codes = append(codes, found.Rule.Code)
		for _, r := range found.Related {
			if r.Span.Foreign() {
				t.Errorf("%s: related %v", found.Rule.Code, r)
			}
		}
		for _, fix := range found.Fixes {
			for _, e := range fix.Edits {
				if e.Span.Foreign() {
					t.Errorf("%s: fix %v", found.Rule.Code, fix)
				}
			}
		}
		if found.Span.Foreign() {
			t.Errorf("%s: span %v", found.Rule.Code, found.Span)
		}
		if found.Rule.Code != "MF107" {
			continue
		}
		if d.Text.Slice(found.Span) != "Train" || found.MetaflowFile != "/w/base.py" || found.MetaflowLine != 10 ||
			len(found.Elsewhere) != 1 || found.Elsewhere[0].Line != 10 || filepath.Base(found.Elsewhere[0].File) != "base.py" ||
			found.Elsewhere[0].Text.Slice(found.Elsewhere[0].Span) != "fti" {
			t.Errorf("%+v", found)
		}
	}
	if !slices.Contains(codes, "MF107") {
		t.Errorf("found %v", codes)
	}
}
