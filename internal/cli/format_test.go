package cli

import (
	"bytes"
	"encoding/json"
	"flowls/internal/near"
	"fmt"
	"strings"
	"testing"

	"flowls/analysis/rule"
	"flowls/analysis/text"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

func sample() fileReport {
	r := rule.All()[0]
	return fileReport{
		Path: "dir/a b:c,d%.py", Flows: []flowReport{{Name: "F", Line: 1, Steps: []stepReport{}}},
		Diagnostics: []diagnostic{
			{
				Code: r.Code, Rule: r.Name, Severity: "error", severity: rule.Error, Message: "One <thing> & 100%:\nnext, line", Flow: "F", Step: "start",
				Range: span{position{2, 11}, position{2, 14}}, Fixes: []string{"Did you mean self.fit?"},
				edits: []fixEdits{{"Did you mean self.fit?", []editReport{{span{position{2, 11}, position{2, 14}}, "fit"}}}},
			},
			{Code: r.Code, Rule: r.Name, Severity: "info", severity: rule.Info, Message: "m", Range: span{position{1, 1}, position{3, 1}}},
		},
		text: text.New([]byte("class F:\n\tx = 'é漢' + fti\nend\n")),
	}
}

func written(t *testing.T, name string, reports ...fileReport) string {
	t.Helper()
	var out, notes bytes.Buffer
	f, err := newFormat(name, &out, Streams{Out: &out, Err: &notes})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.begin(); err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		if err := f.file(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.end(summary{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGitHubEscapes(t *testing.T) {
	r := rule.All()[0]
	want := "::error file=dir/a b%3Ac%2Cd%25.py,line=2,endLine=2,col=11,endColumn=14,title=" + r.Code + " " + r.Name + "::One <thing> & 100%25:%0Anext, line\n" +
		"::notice file=dir/a b%3Ac%2Cd%25.py,line=1,endLine=3,title=" + r.Code + " " + r.Name + "::m\n"
	if got := written(t, "github", sample()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// validSARIF holds out against the schema of SARIF, by a library. It validates
// what it read in its own encoding, which adds two fields that are not valid
// and that we never write.
func validSARIF(t *testing.T, out string) *sarif.Report {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	if err := d.Decode(new(sarif.Report)); err != nil {
		t.Fatalf("%v\n%.2000s", err, out)
	}
	rep, err := sarif.FromString(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := rep.Validate(); err != nil {
		for line := range strings.Lines(strings.Trim(strings.TrimPrefix(err.Error(), "validation failed: "), "[]")) {
			line = strings.TrimSpace(line)
			theirs := strings.Contains(line, "language: Does not match") || strings.Contains(line, "newlineSequences: Array must have")
			if line != "" && !theirs {
				t.Errorf("not valid SARIF: %s", line)
			}
		}
	}
	if strings.Contains(out, `"language"`) || strings.Contains(out, `"newlineSequences"`) {
		t.Error("fields are written that this test cannot judge")
	}
	return rep
}

// A schema that holds all of SARIF can say no.
func TestSARIFJudgeSaysNo(t *testing.T) {
	good := written(t, "sarif", sample())
	for from, to := range map[string]string{`"level":"note"`: `"level":"bad"`, `"startLine":2`: `"startLine":0`, `"name": "flowls"`: `"name": 1`} {
		rep, err := sarif.FromString(strings.Replace(good, from, to, 1))
		if err == nil {
			err = rep.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), strings.Trim(strings.Split(to, ":")[0], `"`)) && !strings.Contains(err.Error(), "unmarshal") {
			t.Errorf("%s is accepted: %.300v", to, err)
		}
	}
}

func TestSARIFIsValid(t *testing.T) {
	for _, reports := range [][]fileReport{{}, {sample()}, {sample(), {Path: "/abs/ü.py", Diagnostics: sample().Diagnostics}}} {
		out := written(t, "sarif", reports...)
		rep := validSARIF(t, out)
		results := rep.Runs[0].Results
		if len(results) != 2*len(reports) {
			t.Fatalf("%d results", len(results))
		}
		rules := rep.Runs[0].Tool.Driver.Rules
		if len(rules) != len(rule.All()) {
			t.Errorf("%d rules, want all", len(rules))
		}
		for _, res := range results {
			if *rules[res.RuleIndex].ID != *res.RuleID {
				t.Errorf("ruleIndex %d is %s, not %s", res.RuleIndex, *rules[res.RuleIndex].ID, *res.RuleID)
			}
		}
	}
	out := written(t, "sarif", sample())
	for _, want := range []string{
		`"uri":"dir/a%20b:c,d%25.py"`, `"region":{"startLine":2,"startColumn":11,"endLine":2,"endColumn":14}`, `"level":"note"`,
		`"insertedContent":{"text":"fit"}`, `"columnKind": "unicodeCodePoints"`, `"fullyQualifiedName":"F.start"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
}

func TestJSONIsOneDocument(t *testing.T) {
	for n := range 3 {
		var doc struct {
			Version int
			Files   []fileReport
		}
		out := written(t, "json", []fileReport{sample(), sample(), sample()}[:n]...)
		if err := json.Unmarshal([]byte(out), &doc); err != nil || doc.Version != 1 || len(doc.Files) != n {
			t.Errorf("%v, version %d, %d files of %d\n%s", err, doc.Version, len(doc.Files), n, out)
		}
		if strings.Contains(out, `\u003c`) || strings.Contains(out, "null") {
			t.Errorf("escaped for HTML, or null instead of a list:\n%s", out)
		}
	}
}

func TestTextIsOneLineForEachFinding(t *testing.T) {
	r := rule.All()[0]
	want := "dir/a b:c,d%.py:2:11: error " + r.Code + " One <thing> & 100%: next, line\ndir/a b:c,d%.py:1:1: info " + r.Code + " m\n"
	if got := written(t, "text", sample()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	evil := sample()
	evil.Path = "a\x1b[31m\n.py"
	if got := written(t, "text", evil); strings.Contains(got, "\x1b") || strings.Count(got, "\n") != 2 {
		t.Errorf("control characters of a file name reach the terminal: %q", got)
	}
}

func TestExcerpt(t *testing.T) {
	s := sample()
	f := &textFormat{rich: true}
	want := "  |\n" +
		"2 |     x = 'é漢' + fti\n" +
		"  |          ^^^^^\n" +
		"  = help: Did you mean self.fit?\n\n"
	d := s.Diagnostics[0]
	d.Range = span{position{2, 7}, position{2, 11}}
	if got := f.excerpt(s.text, d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Over several lines: to the end of the first. Beyond the end: one mark.
	d.Fixes = nil
	d.Range = span{position{1, 7}, position{2, 3}}
	if got := f.excerpt(s.text, d); !strings.Contains(got, "1 | class F:\n  |       ^^\n") {
		t.Errorf("got\n%s", got)
	}
	d.Range = span{position{3, 4}, position{3, 4}}
	if got := f.excerpt(s.text, d); !strings.Contains(got, "3 | end\n  |    ^\n") {
		t.Errorf("got\n%s", got)
	}
	coloured := (&textFormat{rich: true, paint: true}).excerpt(s.text, s.Diagnostics[0])
	if !strings.Contains(coloured, "\x1b["+red+"m^^^\x1b[0m") {
		t.Errorf("no red underline in %q", coloured)
	}
}

func TestExcerptOfLongAndHostileLines(t *testing.T) {
	long := strings.Repeat("a", 300) + "\x1b[2J" + "TARGET" + strings.Repeat("b", 300)
	at := strings.Index(long, "TARGET") + 1
	d := diagnostic{Range: span{position{1, at}, position{1, at + 6}}}
	got := (&textFormat{}).excerpt(text.New([]byte(long+"\n")), d)
	lines := strings.Split(got, "\n")
	if strings.Contains(got, "\x1b") || len([]rune(lines[1])) > excerptWidth+8 {
		t.Errorf("line of %d characters: %q", len([]rune(lines[1])), lines[1])
	}
	mark := strings.Index(lines[2], "^^^^^^")
	if mark < 0 || string([]rune(lines[1])[mark:mark+6]) != "TARGET" {
		t.Errorf("the underline is not below its target:\n%s", got)
	}
}

func TestSummary(t *testing.T) {
	for want, s := range map[string]summary{
		"No flows found.":           {},
		"No mistakes in 1 flow.":    {files: 1, flows: 1},
		"Found 1 error in 2 flows.": {errors: 1, flows: 2},
		"Found 2 errors, 1 warning and 3 hints in 1 flow; 1 path could not be checked.": {errors: 2, warnings: 1, others: 3, flows: 1, unreadable: 1},
	} {
		var notes bytes.Buffer
		if err := (&textFormat{notes: &notes}).end(s); err != nil || notes.String() != want+"\n" {
			t.Errorf("got %q, %v; want %q", notes.String(), err, want)
		}
	}
}

func TestNear(t *testing.T) {
	names := []string{"MF107", "unknown-step", "MF108", "loop"}
	for written, want := range map[string]string{
		"MF10": "[MF107 MF108]", "unkown-step": "[unknown-step]", "lop": "[loop]", "unknown": "[unknown-step]", "zzz": "[]", "": "[]",
	} {
		if got := fmt.Sprint(near.Names(written, names)); got != want {
			t.Errorf("near.Names(%q) = %s, want %s", written, got, want)
		}
	}
}
