package config_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/config"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// layer reads a pyproject.toml in which nothing is wrong.
func layer(t *testing.T, toml string) config.Layer {
	t.Helper()
	l, found, problems := config.Parse([]byte(toml))
	if !found || len(problems) > 0 {
		t.Fatalf("%s: %v %v", toml, found, problems)
	}
	return *l
}

// left is what is left of one finding of each of these rules.
func left(layers ...config.Layer) string {
	var all []rule.Diagnostic
	for _, code := range []string{"MF001", "MF002", "MF107", "MF109", "MF801"} {
		all = append(all, rule.Diagnostic{Rule: rule.Lookup(code)})
	}
	var list []string
	for _, d := range config.Apply(all, layers...) {
		list = append(list, strings.TrimPrefix(d.Rule.Code, "MF")+" "+d.Severity().String())
	}
	return strings.Join(list, ", ")
}

func TestLayers(t *testing.T) {
	const plain = "001 error, 002 hint, 107 error, 109 error, 801 error"
	for _, c := range []struct{ name, first, second, want string }{
		{"nothing", "", "", plain},
		{"empty select", "select = []", "", plain},
		{"select", "select = ['MF1']", "", "107 error, 109 error, 801 error"},
		{"ignore", "ignore = ['mf1', 'flow-not-analysable']", "", "001 error, 801 error"},
		{"more exact", "select = ['MF107']\nignore = ['MF1']", "", "107 error, 801 error"},
		{"alike", "select = ['unknown-step']\nignore = ['MF107']", "", "801 error"},
		{"select hides all below", "select = ['MF1']", "select = ['MF0']\nignore = ['MF107']", "107 error, 109 error, 801 error"},
		{"ignore adds", "ignore = ['MF107']", "ignore = ['MF109']", "001 error, 002 hint, 801 error"},
		{"ignore adds to select", "ignore = ['MF10']", "select = ['MF107', 'MF002']", "002 hint, 801 error"},
		{"severity", "severity = { MF1 = 'info', MF109 = 'hint', MF0 = 'warning' }", "", "001 warning, 002 warning, 107 info, 109 hint, 801 error"},
		{"severity, whatever the order", "severity.MF109 = 'hint'\nseverity.MF1 = 'info'", "", "001 error, 002 hint, 107 info, 109 hint, 801 error"},
		{"severity of the first", "severity.MF1 = 'info'", "severity = { MF107 = 'hint', MF002 = 'error' }", "001 error, 002 error, 107 info, 109 info, 801 error"},
	} {
		first, second := layer(t, "[tool.flowls]\n"+c.first), layer(t, "[tool.flowls]\n"+c.second)
		if got := left(first, second); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := left(); got != plain {
		t.Errorf("no layer: %s", got)
	}
}

// What all documents share is not changed.
func TestApplyCopies(t *testing.T) {
	found := []rule.Diagnostic{{Rule: rule.Lookup("MF107")}, {Rule: rule.Lookup("MF109")}}
	before := slices.Clone(found)
	l := layer(t, "[tool.flowls]\nseverity.MF109 = 'hint'\nignore = ['MF107']")
	if got := config.Apply(found, l); len(got) != 1 || got[0].Severity() != rule.Hint {
		t.Errorf("got %+v", got)
	}
	for i := range found {
		if found[i].Configured != before[i].Configured || found[i].Rule != before[i].Rule {
			t.Errorf("changed: %+v", found)
		}
	}
	if got := config.Apply(found, config.Layer{}); &got[0] != &found[0] {
		t.Error("a layer that says nothing copies")
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, fits, not string }{
		{"tests", "tests/a.py a/tests/b/c.py", "atests/a.py tests.py"},
		{"tests/*", "tests/a.py tests/b/c.py", "a/tests/b.py"},
		{"tests/**", "tests/a.py tests/b/c.py", "a/tests/b.py"},
		{"/tests", "tests/a.py", "a/tests/b.py"},
		{"./tests/a.py", "tests/a.py", "a.py"},
		{"**/gen/*.py", "gen/a.py x/y/gen/a.py", "x/gen/y/a.py"},
		{"*_old.py", "a_old.py x/b_old.py", "old.py"},
		{"{a,b}.py", "a.py x/b.py", "c.py"},
		{"*", "a.py x/a.py", ""},
	} {
		l := layer(t, fmt.Sprintf("[tool.flowls.per-file-ignores]\n%q = ['MF107']", c.pattern))
		for _, path := range strings.Fields(c.fits) {
			if strings.Contains(left(l.In(path)), "107") {
				t.Errorf("%s does not fit %s", c.pattern, path)
			}
		}
		for _, path := range append(strings.Fields(c.not), "") {
			if !strings.Contains(left(l.In(path)), "107") {
				t.Errorf("%s fits %q", c.pattern, path)
			}
		}
		// No select brings back what is ignored in a file.
		selects := layer(t, "[tool.flowls]\nselect = ['MF107']")
		if path, _, _ := strings.Cut(c.fits, " "); strings.Contains(left(selects, l.In(path)), "107") {
			t.Errorf("%s: selected in %s", c.pattern, path)
		}
	}
}

func TestForms(t *testing.T) {
	for _, toml := range []string{
		"[tool.flowls]\nignore = ['MF107']",
		"[tool]\nflowls = { ignore = ['MF107'] }",
		"tool = { flowls = { ignore = [\n# c\n'MF107',\n] } }",
		"tool.flowls.ignore = [\"MF107\"]",
		"[tool.black]\nx = 1979-05-27\n[[tool.x]]\na = 1\n[[tool.x]]\na = 2\n[tool.\"flowls\"]\nignore = ['''MF107''']\n[z]\nselect = 1",
		"\ufeff[tool.flowls]\r\nignore = ['MF107']\r\n",
	} {
		if got := left(layer(t, toml)); strings.Contains(got, "107") {
			t.Errorf("%s: %s", toml, got)
		}
	}
	for _, toml := range []string{"", "[tool.black]\n", "[project]\nname = 'flowls'\n", "[flowls]\nignore = ['MF107']", "# [tool.flowls]", "[tool]\nx = 'flowls'"} {
		if l, found, problems := config.Parse([]byte(toml)); l != nil || found || len(problems) > 0 {
			t.Errorf("%q: %v %v %v", toml, l, found, problems)
		}
	}
}

func TestProblems(t *testing.T) {
	for toml, want := range map[string]string{
		"[tool.flowls]\nselct = []":                                   "selct|`tool.flowls` has no key `selct`; did you mean `select`?",
		"[tool.flowls]\nfoo.bar = 1":                                  "foo|`tool.flowls` has no key `foo`. Its keys are select, ignore, severity and per-file-ignores.",
		"[tool.flowls]\nselect = 'MF1'":                               "select|`select` must be a list of codes: `[\"MF1\", \"unknown-step\"]`.",
		"[tool.flowls]\nselect = [1]":                                 "select|`select` must hold strings only: codes, beginnings of codes or names of rules.",
		"[tool.flowls]\nignore = ['MF9', 'MF107']":                    "'MF9'|`ignore`: no rule has the code or name `MF9`.",
		"[tool.flowls]\nignore = ['unknwn-step']":                     "'unknwn-step'|`ignore`: no rule has the code or name `unknwn-step`; did you mean `unknown-step`?",
		"[tool.flowls]\nignore = ['MF801']":                           "'MF801'|`ignore`: `MF801` is what happened in a run, which is always shown.",
		"[tool.flowls]\nseverity = 'error'":                           "severity|`severity` must be a table: `severity = { MF2 = \"warning\" }`.",
		"[tool.flowls.severity]\nMF1 = 'off'":                         "'off'|`severity`: `off` is no severity. Use error, warning, info or hint.",
		"[tool.flowls.severity]\nMF1 = 2":                             "MF1|`severity`: the severity of `MF1` is a string: error, warning, info or hint.",
		"[tool.flowls]\nper-file-ignores = ['x']":                     "per-file-ignores|`per-file-ignores` must be a table: `per-file-ignores = { \"tests/**\" = [\"MF2\"] }`.",
		"[tool.flowls.per-file-ignores]\n'x' = 'MF1'":                 "'x'|`x` must be a list of codes: `[\"MF1\", \"unknown-step\"]`.",
		"[tool.flowls.per-file-ignores]\n'[' = ['MF1']":               "'['|`per-file-ignores`: `[` is no valid pattern.",
		"[tool.flowls.per-file-ignores]\n'!x' = ['MF1']":              "'!x'|`per-file-ignores`: a pattern cannot be negated: `!x`.",
		"[tool.flowls.per-file-ignores]\n'{a}{a}{a}{a}{a}' = []":      "'{a}{a}{a}{a}{a}'|`per-file-ignores`: `{a}{a}{a}{a}{a}` has too many braces. Write several patterns.",
		"[tool.flowls]\ninterpreter = 'x'":                            "interpreter|`interpreter` is refused: no file of a workspace chooses what is executed. Set it in your editor.",
		"[tool.flowls]\nPython_Path = 'x'":                            "Python_Path|`Python_Path` is refused: no file of a workspace chooses what is executed. Set it in your editor.",
		"[tool]\nflowls = 1":                                          "1|`tool.flowls` must be a table.",
		"[[tool.flowls]]\nselect = ['MF1']":                           "|`tool.flowls` must be a table.",
		"[tool.flowls]\nselect = ['MF1'\n":                            "|This file is not valid TOML: array is incomplete.",
		"[tool.flowls]\nselect = []\nselect = []":                     "|This file is not valid TOML: key select is already defined.",
		"[tool.flowls]\nselect = ['" + strings.Repeat("x", 99) + "']": "'" + strings.Repeat("x", 99) + "'|`select`: no rule has the code or name `" + strings.Repeat("x", 60) + "…`.",
	} {
		_, found, problems := config.Parse([]byte(toml))
		if !found || len(problems) != 1 {
			t.Errorf("%s: %v %v", toml, found, problems)
			continue
		}
		at, message, _ := strings.Cut(want, "|")
		got := text.New([]byte(toml)).Slice(problems[0].Span)
		if problems[0].Message != message || at != "" && got != at {
			t.Errorf("%s\ngot  %s|%s\nwant %s", toml, got, problems[0].Message, want)
		}
	}
}

// TestPage runs the examples of docs/configuration.md.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(language string) string {
		_, rest, _ := strings.Cut(string(page), "```"+language+"\n")
		code, _, ok := strings.Cut(rest, "```")
		if !ok {
			t.Fatalf("no example in %s", language)
		}
		return code
	}
	l := layer(t, block("toml"))
	if len(l.Select) != 2 || len(l.Ignore) != 2 || len(l.Severity) != 2 || len(l.PerFile) != 3 {
		t.Errorf("%+v", l)
	}
	d := analysis.New([]byte(block("python")))
	defer d.Close()
	for _, f := range d.Diagnostics {
		t.Errorf("%s %s", f.Rule.Code, f.Message)
	}
	for _, key := range config.Keys() {
		if !strings.Contains(string(page), "| `"+key+"` |") {
			t.Errorf("the page lacks %s", key)
		}
	}
}

// FuzzParse: whatever a pyproject.toml holds, its problems have places in it.
func FuzzParse(f *testing.F) {
	f.Add([]byte("[tool.flowls]\nselect = ['MF1', 2]\nseverity = { MF1 = 'x', a.b = 1 }\n[tool.flowls.per-file-ignores]\n'a{' = []\n"))
	f.Add([]byte("tool = { flowls = [] }"))
	f.Add([]byte("[[tool]]\nflowls.x = 1\n[tool.flowls.y]\n"))
	f.Add([]byte("\ufefftool.flowls.ignore = \"\"\"\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		l, found, problems := config.Parse(src)
		if (l != nil || len(problems) > 0) && !found {
			t.Errorf("%v %v %v", l, found, problems)
		}
		for _, p := range problems {
			if p.Span.Start < 0 || p.Span.End < p.Span.Start || p.Span.End > len(src) || p.Message == "" {
				t.Errorf("%+v", p)
			}
		}
		if l != nil {
			left(l.In("a/b.py"))
		}
	})
}
