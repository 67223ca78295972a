package index_test

import (
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/index"
)

// A class that another file builds on, however that file gets at it.
func TestSubclassed(t *testing.T) {
	const base = "class Ingest(FlowSpec):\n    pass\n"
	for name, c := range map[string]struct {
		source string
		want   bool
	}{
		"beside":             {"-- use.py --\nfrom base import Ingest\nclass A(Ingest): pass\n-- base.py --\n" + base, true},
		"package":            {"-- use.py --\nfrom lib.base import Ingest\nclass A(Ingest): pass\n-- lib/base.py --\n" + base, true},
		"as":                 {"-- use.py --\nfrom base import Ingest as I\nclass A(I): pass\n-- base.py --\n" + base, true},
		"module":             {"-- use.py --\nimport base\nclass A(base.Ingest): pass\n-- base.py --\n" + base, true},
		"module as":          {"-- use.py --\nimport lib.base as b\nclass A(b.Ingest): pass\n-- lib/base.py --\n" + base, true},
		"submodule":          {"-- use.py --\nimport lib.base\nclass A(lib.base.Ingest): pass\n-- lib/base.py --\n" + base, true},
		"module of package":  {"-- use.py --\nfrom lib import base\nclass A(base.Ingest): pass\n-- lib/base.py --\n" + base, true},
		"relative":           {"-- p/use.py --\nfrom .base import Ingest\nclass A(Ingest): pass\n-- p/base.py --\n" + base, true},
		"relative module":    {"-- p/use.py --\nfrom . import base\nclass A(base.Ingest): pass\n-- p/base.py --\n" + base, true},
		"relative up":        {"-- p/q/use.py --\nfrom ..base import Ingest\nclass A(Ingest): pass\n-- p/base.py --\n" + base, true},
		"package itself":     {"-- use.py --\nfrom base import Ingest\nclass A(Ingest): pass\n-- base/__init__.py --\n" + base, true},
		"star":               {"-- use.py --\nfrom base import *\nclass A(Ingest): pass\n-- base.py --\n" + base, true},
		"passed on":          {"-- use.py --\nfrom lib import Ingest\nclass A(Ingest): pass\n-- lib/__init__.py --\nfrom .base import Ingest\n-- lib/base.py --\n" + base, true},
		"passed on as":       {"-- use.py --\nfrom lib import Loader\nclass A(Loader): pass\n-- lib/__init__.py --\nfrom .base import Ingest as Loader\n-- lib/base.py --\n" + base, true},
		"alias":              {"-- use.py --\nimport base\nParent = base.Ingest\nclass A(Parent): pass\n-- base.py --\n" + base, true},
		"same name":          {"-- use.py --\nfrom base import Ingest\nclass Ingest(Ingest): pass\n-- base.py --\n" + base, true},
		"several lines":      {"-- use.py --\nfrom base import (  # one (\n    Other,\n    Ingest,\n)\nclass A(\n    Other,\n    Ingest,  # last\n    metaclass=M,\n): pass\n-- base.py --\n" + base, true},
		"continued":          {"-- use.py --\nfrom base \\\n    import Ingest\nclass A(Ingest): pass\n-- base.py --\n" + base, true},
		"made by a call":     {"-- use.py --\nfrom base import Ingest\nclass A(tuned(Ingest)): pass\n-- base.py --\n" + base, true},
		"in a function":      {"-- use.py --\ndef make():\n\tfrom base import Ingest\n\tclass A(Ingest): pass\n-- base.py --\n" + base, true},
		"type parameters":    {"-- use.py --\nfrom base import Ingest\nclass A[T: int](Ingest): pass\n-- base.py --\n" + base, true},
		"windows":            {"-- use.py --\nfrom base import Ingest\r\nclass A(Ingest):\r\n    pass\r\n-- base.py --\n" + base, true},
		"behind prose":       {"-- use.py --\n\"\"\"Uses (\nfrom day to day (a\nclass of flows (b\nimport duties (c\n\"\"\"\nfrom base import Ingest\nclass A(Ingest): pass\n-- base.py --\n" + base, true},
		"nobody":             {"-- use.py --\nfrom base import Ingest\nIngest()\n-- base.py --\n" + base, false},
		"in its file":        {"-- base.py --\n" + base + "class A(Ingest): pass\n", false},
		"class of that name": {"-- use.py --\nclass Ingest: pass\nclass A(Ingest): pass\n-- base.py --\n" + base, false},
		"of another module":  {"-- use.py --\nfrom other import Ingest\nclass A(Ingest): pass\n-- other.py --\nclass Ingest: pass\n-- base.py --\n" + base, false},
		"builtin":            {"-- use.py --\nimport os\nclass A(Ingest): pass\n-- base.py --\n" + base, false},
		"in a comment":       {"-- use.py --\nfrom base import Ingest\n# class A(Ingest): pass\n-- base.py --\n" + base, false},
		"metaflow's":         {"-- use.py --\nfrom metaflow import Ingest\nclass A(Ingest): pass\n-- base.py --\n" + base, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := files(c.source)
			got := false
			for path := range m {
				if strings.Contains(path, "base") {
					got = m.Names().Subclassed(path, "Ingest")
				}
			}
			if got != c.want {
				t.Errorf("subclassed %v, want %v", got, c.want)
			}
		})
	}
	var nobody *index.Names
	if nobody.Subclassed("/w/base.py", "Ingest") {
		t.Error("what is not known has no subclasses")
	}
}

// What others build on, and its own file does not run, is checked in them only.
func TestBasesAreLeftAlone(t *testing.T) {
	const parts = head + `
class Ingest(FlowSpec):
    @step
    def start(self):
        self.rows = self.load()
        self.next(self.tidy)

    @step
    def tidy(self):
        self.next(self.done)
`
	const use = "-- use.py --\nfrom base import Ingest\nclass A(Ingest): pass\n-- base.py --\n"
	for name, c := range map[string]struct {
		source, want string
		asked        bool
	}{
		"others build on it":     {use + parts, "", true},
		"nobody does":            {"-- base.py --\n" + parts, "MF102 MF107", true},
		"its file runs it":       {use + parts + "if __name__ == \"__main__\":\n    Ingest()\n", "MF102 MF107", false},
		"its file builds on it":  {use + parts + "class B(Ingest):\n    pass\n", "MF002", true},
		"a class in a function":  {use + head + "def make():" + strings.ReplaceAll(strings.TrimPrefix(parts, head), "\n", "\n    ") + "\n", "MF102 MF107", false},
		"another class is built": {use + strings.ReplaceAll(parts, "Ingest", "Other"), "MF102 MF107", true},
	} {
		t.Run(name, func(t *testing.T) {
			m := files(c.source)
			names, asked := m.Names(), false
			d, err := analysis.Load(&index.Site{Index: index.New(m), Path: "/w/base.py", Roots: []string{"/w"}, Subclassed: func(class string) bool {
				asked = true
				return names.Subclassed("/w/base.py", class)
			}})
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, found := range d.Diagnostics {
				codes = append(codes, found.Rule.Code)
			}
			if got := strings.Join(codes, " "); got != c.want || asked != c.asked {
				t.Errorf("found %q, want %q; asked %v, want %v", got, c.want, asked, c.asked)
			}
		})
	}
}
