package ignore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/rule"
	"flowls/analysis/text"
)

// flowWith is a flow whose start step has a body.
func flowWith(body string) string {
	return "from metaflow import FlowSpec, step\n\nclass F(FlowSpec):\n    @step\n    def start(self):\n        " +
		strings.ReplaceAll(body, "\n", "\n        ") + "\n\n    @step\n    def end(self):\n        pass\n"
}

// found lists the findings of a source: code and the text at its place.
func found(t *testing.T, src string) string {
	t.Helper()
	d := analysis.New([]byte(src))
	defer d.Close()
	var list []string
	for _, f := range d.Diagnostics {
		list = append(list, f.Rule.Code+" "+d.Text.Slice(f.Span))
	}
	return strings.Join(list, "; ")
}

func TestComments(t *testing.T) {
	const unknown = "MF107 fit"
	for _, c := range []struct{ name, body, want string }{
		{"none", "self.next(self.fit)", unknown},
		{"blanket", "self.next(self.fit)  # flowls: ignore", ""},
		{"tight", "self.next(self.fit)#flowls:ignore[MF107]", ""},
		{"code", "self.next(self.fit)  # flowls: ignore[MF107]", ""},
		{"lower case", "self.next(self.fit)  # flowls: ignore [ mf107 , ]", ""},
		{"beginning", "self.next(self.fit)  # flowls: ignore[MF1]", ""},
		{"name", "self.next(self.fit)  # flowls: ignore[unknown-step]", ""},
		{"reason", "self.next(self.fit)  # flowls: ignore[MF107] the base has it", ""},
		{"blanket with reason", "self.next(self.fit)  # flowls: ignore because of #12", ""},
		{"among others", "self.next(self.fit)  # noqa: E501  # flowls: ignore[MF107]  # type: ignore", ""},
		{"wrong code", "self.next(self.fit)  # flowls: ignore[MF108]", unknown + "; MF003 # flowls: ignore[MF108]"},
		{"prose", "self.next(self.fit)  # see flowls: ignore", unknown},
		{"another word", "self.next(self.fit)  # flowls: ignored", unknown + "; MF003 # flowls: ignored"},
		{"another pragma", "self.next(self.fit)  # flowls: todo", unknown},
		{"in a string", "x = '# flowls: ignore'; self.next(self.fit, x=\"# flowls: ignore\")", "MF105 self.next(self.fit, x=\"# flowls: ignore\")"},
		{"in a docstring", "'''\n# flowls: ignore-file\n'''\nself.next(self.fit)", unknown},
		{"line above", "# flowls: ignore[MF107]\n\n# that is why\nself.next(self.fit)", ""},
		{"line above another", "# flowls: ignore[MF107]\nx = 1\nself.next(self.fit)", "MF003 # flowls: ignore[MF107]; " + unknown},
		{"line below", "self.next(self.fit)\n# flowls: ignore[MF107]", unknown + "; MF003 # flowls: ignore[MF107]"},
		{"first line", "self.next(  # flowls: ignore[MF107]\n    self.fit\n)", ""},
		{"last line", "self.next(\n    self.fit\n)  # flowls: ignore[MF107]", ""},
		{"its line", "self.next(\n    self.fit  # flowls: ignore[MF107]\n)", ""},
		{"line above, inside", "self.next(\n    # flowls: ignore[MF107]\n    # why\n    self.fit\n)", ""},
		{"another line inside", "self.next(\n    self.fit,  # flowls: ignore[MF107]\n    self.fti,\n)", "MF107 fti"},
		{"backslash", "self.next(self.fit, \\\n    self.fti)  # flowls: ignore[MF107]", ""},
		{"two findings", "self.next(self.fit, self.fti)  # flowls: ignore[MF107]", ""},
		{"two codes", "self.next(self.fit)  # flowls: ignore[MF107, MF108, never-was]", "MF003 MF108; MF003 never-was"},
		{"only unknown", "self.next(self.fit)  # flowls: ignore[MF999]", unknown + "; MF003 MF999"},
		{"twice", "self.next(self.fit)  # flowls: ignore[MF107, unknown-step]", "MF003 unknown-step"},
		{"empty", "self.next(self.fit)  # flowls: ignore[]", unknown + "; MF003 # flowls: ignore[]"},
		{"open", "self.next(self.fit)  # flowls: ignore[MF107", unknown + "; MF003 # flowls: ignore[MF107"},
		{"no brackets", "self.next(self.fit)  # flowls: ignore MF107", unknown + "; MF003 # flowls: ignore"},
		{"file, too late", "self.next(self.fit)  # flowls: ignore-file", unknown + "; MF003 # flowls: ignore-file"},
		{"unused", "self.next(self.end)  # flowls: ignore", "MF003 # flowls: ignore"},
		{"unused above", "# flowls: ignore\nself.next(self.end)", "MF003 # flowls: ignore"},
		{"about the cluster, which is not known here", "self.next(self.end)  # flowls: ignore[MF839, no-node-open]", ""},
		{"unused and waived", "self.next(self.end)  # flowls: ignore[MF107, MF003]", ""},
		{"MF001", "x = = 1  # flowls: ignore[MF001]\nself.next(self.end)", ""},
		{"MF001, open bracket", "self.next(self.end  # flowls: ignore[syntax-error]", ""},
		{"nothing is unused in half-typed code", "x = = 1\nself.next(self.end)  # flowls: ignore", "MF001 ="},
	} {
		if got := found(t, flowWith(c.body)); got != c.want {
			t.Errorf("%s: %s\ngot  %s\nwant %s", c.name, c.body, got, c.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	ok := flowWith("self.next(self.end)")
	bad := ok + "\n    @step\n    def lost(self):\n        self.next(self.end)\n" // an orphan
	for _, c := range []struct{ name, src, want string }{
		{"file", "# flowls: ignore-file\n" + bad, ""},
		{"file, behind a docstring", "#!/usr/bin/env python\n\"\"\"Flow.\"\"\"\n# flowls: ignore-file\n" + bad, ""},
		{"file, with codes", "# flowls: ignore-file[MF109]\n" + bad, ""},
		{"file, with unused codes", "# flowls: ignore-file[MF107]\n" + ok, "MF003 # flowls: ignore-file[MF107]"},
		{"file, left alone", "# flowls: ignore-file\n" + strings.Replace(ok, "pass", "pass  # flowls: ignore[MF999]", 1), ""},
		{"file, byte order mark", "\ufeff# flowls: ignore-file\n" + bad, ""},
		{"file, below an import", "import os\n# flowls: ignore-file[MF107]\n" + ok, "MF003 # flowls: ignore-file[MF107]"},
		{"def", strings.Replace(bad, "lost(self):", "lost(self):  # flowls: ignore[MF109]", 1), ""},
		{"def, long", strings.Replace(bad, "lost(self):", "lost(\n        self,\n    ):  # flowls: ignore[MF109]", 1), ""},
		{"def, its body", bad[:len(bad)-1] + "  # flowls: ignore[MF109]\n", "MF109 lost; MF003 # flowls: ignore[MF109]"},
		{"above the decorators", strings.Replace(bad, "    @step\n    def lost", "    # flowls: ignore[MF109]\n    @step\n    def lost", 1), ""},
		{"between the decorators", strings.Replace(bad, "    @step\n    def lost", "    # flowls: ignore[MF107]\n    @step\n    # flowls: ignore[MF109]\n    def lost", 1), "MF003 # flowls: ignore[MF107]"},
		{"on a decorator", strings.Replace(bad, "    @step\n    def lost", "    @step  # flowls: ignore[MF109]\n    def lost", 1), "MF003 # flowls: ignore[MF109]; MF109 lost"},
		{"class", strings.Replace(strings.Replace(ok, "def end", "def fin", 1), "(FlowSpec):", "(FlowSpec):  # flowls: ignore[MF102]", 1) + "if __name__ == '__main__':\n    F()\n", "MF107 end; MF104 fin"},
		{"end of file", ok + "# flowls: ignore", "MF003 # flowls: ignore"},
		{"outside of flows", strings.Replace(ok, "\nclass", "x = 1  # flowls: ignore\nclass", 1), "MF003 # flowls: ignore"},
		{"no flow", "import metaflow\nx = 1  # flowls: ignore\n", ""},
		{"no flow, wrong", "import metaflow\nx = = 1  # flowls: ignore\n", ""},
		{"base elsewhere", "from base import Base\nfrom metaflow import step\nclass F(Base):\n    @step\n    def start(self):\n        self.next(self.end)  # flowls: ignore\n", "MF002 F"},
	} {
		if got := found(t, c.src); got != c.want {
			t.Errorf("%s:\n%s\ngot  %s\nwant %s", c.name, c.src, got, c.want)
		}
		crlf := strings.ReplaceAll(c.src, "\n", "\r\n")
		if got := found(t, crlf); got != c.want {
			t.Errorf("%s, CRLF: got %s, want %s", c.name, got, c.want)
		}
	}
}

// A rule that needs the graph is silent while the graph is wrong: that proves
// nothing about comments elsewhere.
func TestUnusedWaitsForTheGraph(t *testing.T) {
	src := strings.Replace(flowWith("x = 1  # flowls: ignore\nself.next(self.fit)"), "pass", "pass  # flowls: ignore[MF107]", 1)
	if got, want := found(t, src), "MF107 fit; MF003 # flowls: ignore[MF107]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMessages(t *testing.T) {
	for body, want := range map[string]string{
		"self.next(self.end)  # flowls: ignore[unknwn-step]":  "No rule has the code or name `unknwn-step`; did you mean `unknown-step`?",
		"self.next(self.end)  # flowls: ignore[xyz]":          "No rule has the code or name `xyz`.",
		"self.next(self.end)  # flowls: ignore[MF107]":        "There is no `MF107` here to ignore. Remove the comment.",
		"self.next(self.end)  # flowls: ignore[MF107, MF108]": "There is nothing to ignore here. Remove the comment.",
		"self.next(self.end)  # flowls: ignore MF107":         "Codes stand in brackets, so nothing is ignored. Write `ignore[MF107]`.",
		"self.next(self.end)  # flowls: ignore-line":          "`ignore-line` is not known, so nothing is ignored. Write `ignore` or `ignore-file`.",
	} {
		d := analysis.New([]byte(flowWith(body)))
		if len(d.Diagnostics) != 1 || d.Diagnostics[0].Message != want || d.Diagnostics[0].Flow != "F" {
			t.Errorf("%s: %+v", body, d.Diagnostics)
		}
		d.Close()
	}
}

func TestRemoval(t *testing.T) {
	const used = "self.next(self.fit, self.end)"
	for _, c := range []struct{ before, after string }{
		{"x = 1  # flowls: ignore because", "x = 1"},
		{"x = 1  # note  # flowls: ignore[]", "x = 1  # note"},
		{"x = 1  # flowls: ignore[]  # noqa", "x = 1  # noqa"},
		{"# flowls: ignore[]\nx = 1", "x = 1"},
		{"# a  # flowls: ignore[]\nx = 1", "# a\nx = 1"},
		{used + "  # flowls: ignore[MF999,MF107]", used + "  # flowls: ignore[MF107]"},
		{used + "  # flowls: ignore[MF107 , MF999] why", used + "  # flowls: ignore[MF107] why"},
		{used + "  # flowls: ignore[MF998, MF999, MF107, MF997, MF996]", used + "  # flowls: ignore[MF107]"},
		{"x = [\n    # flowls: ignore[]\n    1,  # flowls: ignore[]\n]", "x = [\n    1,\n]"},
	} {
		rest := "\nself.next(self.end)"
		if strings.HasPrefix(c.before, used) {
			rest = ""
		}
		for _, nl := range []string{"\n", "\r\n", "\r"} {
			src, want := strings.ReplaceAll(flowWith(c.before+rest), "\n", nl), strings.ReplaceAll(flowWith(c.after+rest), "\n", nl)
			d := analysis.New([]byte(src))
			if got := string(removeAll(d)); got != want {
				t.Errorf("%q becomes\n%s\nwant\n%s", c.before, got, want)
			}
			d.Close()
		}
	}
}

// removeAll applies the fixes of all unused comments at once.
func removeAll(d *analysis.Document) []byte {
	var edits []text.Edit
	for i := len(d.Diagnostics) - 1; i >= 0; i-- {
		if f := d.Diagnostics[i]; f.Rule == rule.UnusedIgnore && !slices.Contains(edits, f.Fixes[0].Edits[0]) {
			edits = append(edits, f.Fixes[0].Edits...)
		}
	}
	return text.Apply(d.Text, edits).Bytes()
}

// An edit finds what reading the file anew finds.
func TestEdits(t *testing.T) {
	src := flowWith("x = 1\n\n# c\nself.next(self.fit)")
	d := analysis.New([]byte(src))
	at := strings.Index(src, "# c") + 2
	for i, r := range "flowls: ignore[MF107]  # flowls: ignore" {
		e := d.Edit([]text.Edit{{Span: text.Span{Start: at + i, End: at + i}, New: string(r)}})
		d.Close()
		d = e
		fresh := found(t, string(d.Text.Bytes()))
		var now []string
		for _, f := range d.Diagnostics {
			now = append(now, f.Rule.Code+" "+d.Text.Slice(f.Span))
		}
		if got := strings.Join(now, "; "); got != fresh {
			t.Fatalf("after %d keys: got %s, want %s", i+1, got, fresh)
		}
	}
	d.Close()
}

// A walk for each comment over the others would never end.
func TestManyComments(t *testing.T) {
	var b strings.Builder
	for i := range 5_000 {
		fmt.Fprintf(&b, "# flowls: ignore[MF107]\n# flowls: ignore[MF999]\nx = [  # flowls: ignore\n    # flowls: ignore\n    %d,\n]\n", i)
	}
	src := flowWith(strings.TrimSuffix(b.String(), "\n") + "\nself.next(self.fit)")
	if n := strings.Count(found(t, src), "MF003"); n < 5_000 {
		t.Errorf("%d findings", n)
	}
}
