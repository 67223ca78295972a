package graph

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// sketch makes a graph of lines "name type -> target target"; a target may be
// written case=target. Nodes stand in reading order.
func sketch(lines ...string) *Graph {
	g := &Graph{Flow: &flow.Flow{Name: "F"}, Nodes: map[string]*Node{}}
	for _, line := range lines {
		head, targets, _ := strings.Cut(line, " -> ")
		name, kind, _ := strings.Cut(head, " ")
		n := &Node{Step: &flow.Step{Name: name}, Type: Type(kind)}
		t := &flow.Transition{Kind: flow.Linear}
		switch n.Type {
		case Foreach:
			t.Kind, t.Foreach = flow.Foreach, "items"
		case Switch:
			t.Kind, t.Condition = flow.Switch, "mode"
		}
		for to := range strings.FieldsSeq(targets) {
			key, name, isCase := strings.Cut(to, "=")
			if !isCase {
				name = to
			}
			n.Out = append(n.Out, name)
			t.Targets = append(t.Targets, flow.Target{Name: name})
			t.Cases = append(t.Cases, flow.Case{Key: key, Target: flow.Target{Name: name}})
		}
		if targets != "" {
			n.Step.Next = t
		}
		g.Nodes[name] = n
		g.Order = append(g.Order, name)
		g.Sorted = append(g.Sorted, name)
		switch name {
		case "start":
			g.Start = n
		case "end":
			g.End = n
		}
	}
	slices.Sort(g.Order)
	return g
}

func everyKind() *Graph {
	return sketch("start split -> a b", "a foreach -> work", "work linear -> gather", "gather join -> j", "b linear -> pick",
		"pick split-switch -> x=j y=j again=pick", "j join -> end nowhere", "end end")
}

func TestMermaid(t *testing.T) {
	want := `flowchart TD
    n0[/"start"\]:::split
    n1[["a"]]:::foreach
    n2["work"]:::linear
    n3[\"gather"/]:::join
    n4["b"]:::linear
    n5{"pick"}:::choice
    n6[\"j"/]:::join
    n7(["end"]):::terminal
    n8["nowhere"]:::unknown
    n0 --> n1
    n0 --> n4
    n1 -->|"foreach items"| n2
    n2 --> n3
    n3 --> n6
    n4 --> n5
    n5 -->|"x, y"| n6
    n5 -->|"again"| n5
    n6 --> n7
    n6 -.-> n8
    classDef terminal stroke:#2da44e,stroke-width:2px
    classDef split stroke:#0969da,stroke-width:2px
    classDef foreach stroke:#8250df,stroke-width:2px
    classDef choice stroke:#bf8700,stroke-width:2px
    classDef join stroke:#0969da,stroke-width:2px
    classDef unknown stroke:#cf222e,stroke-dasharray:4 3,stroke-width:2px
`
	if got := everyKind().Mermaid(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDOT(t *testing.T) {
	want := `digraph "F" {
    rankdir=TB;
    node [fontname="Helvetica"];
    edge [fontname="Helvetica", fontsize=11];
    n0 [label="start", shape=box, style=rounded, color="#2da44e", penwidth=2];
    n1 [label="a", shape=box, peripheries=2, color="#8250df"];
    n2 [label="gone", shape=box, style=dashed, color="#cf222e"];
    n0 -> n1;
    n1 -> n2 [label="foreach items", style=dashed];
}
`
	if got := sketch("start start -> a", "a foreach -> gone").DOT(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestJSON(t *testing.T) {
	g := everyKind()
	g.Nodes["a"].MatchingJoin = "gather"
	g.Nodes["work"].Step.DefSpan = text.Span{Start: 3, End: 4}
	g.Nodes["work"].Step.Decorators = []*flow.Decorator{{Name: "retry"}}
	g.Nodes["b"].Step.Next.Kind = flow.Invalid
	g.Nodes["b"].Type, g.Nodes["b"].Out = Unknown, nil
	b, err := g.JSON(&flow.File{Text: text.New([]byte("a\nbc\n"))})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Flow  string
		Start string `json:"start_step"`
		Graph map[string]map[string]any
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	check := func(step, key string, want string) {
		t.Helper()
		if v, _ := json.Marshal(got.Graph[step][key]); string(v) != want {
			t.Errorf("%s.%s is %s, want %s", step, key, v, want)
		}
	}
	if got.Flow != "F" || got.Start != "start" {
		t.Errorf("flow %q, start %q", got.Flow, got.Start)
	}
	check("start", "type", `"split-static"`)
	check("start", "next", `["a","b"]`)
	check("a", "type", `"split-foreach"`)
	check("a", "foreach_artifact", `"items"`)
	check("a", "matching_join", `"gather"`)
	check("work", "line", `2`)
	check("work", "decorators", `[{"name":"retry"}]`)
	check("pick", "condition", `"mode"`)
	check("pick", "switch_cases", `{"again":"pick","x":"j","y":"j"}`)
	check("b", "type", `"unknown"`)
	check("b", "next", `[]`)
	check("end", "type", `"end"`)
	if !strings.Contains(string(b), `"x": "j",
        "y": "j",
        "again": "pick"`) {
		t.Error("the cases of a switch are not in the order of the source")
	}
}

// parseSVG returns the texts of a well-formed drawing.
func parseSVG(t *testing.T, svg string) (texts []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return texts
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, svg)
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains([]string{"svg", "title", "style", "defs", "marker", "path", "rect", "text"}, start.Name.Local) {
			t.Errorf("unexpected element %s", start.Name.Local)
		}
		for _, a := range start.Attr {
			if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
				t.Errorf("%s has %s=%q", start.Name.Local, a.Name.Local, a.Value)
			}
		}
		if start.Name.Local == "text" {
			var s string
			if err := d.DecodeElement(&s, &start); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, s)
		}
	}
}

func TestSVG(t *testing.T) {
	svg := everyKind().SVG()
	texts := parseSVG(t, svg)
	for _, want := range []string{"start", "work", "pick", "end", "nowhere", "foreach items", "x, y", "again"} {
		if !slices.Contains(texts, want) {
			t.Errorf("no text %q in %q", want, texts)
		}
	}
	if again := everyKind().SVG(); again != svg {
		t.Error("two drawings of one graph differ")
	}
}

// Every label of a hostile source must stay a label.
func TestLabelsAreEscaped(t *testing.T) {
	evil := "x\"]--><script>alert(1)</script>#amp;`\\\n</text>&{}|);click n0 href \"javascript:1\""
	g := sketch("start split-switch -> end", "end end")
	g.Nodes["start"].Step.Next.Cases = []flow.Case{{Key: evil, Target: flow.Target{Name: "end"}}}
	g.Flow.Name = evil

	if texts := parseSVG(t, g.SVG()); !slices.Contains(texts, oneLine(evil)) {
		t.Errorf("SVG texts %q do not hold the label as it is", texts)
	}
	m := g.Mermaid()
	_, rest, _ := strings.Cut(m, `-->|"`)
	label, rest, _ := strings.Cut(rest, `"|`)
	if strings.ContainsAny(label, "\"<>`\\{}[]()|\n&") || strings.Count(m, "click") != 1 || !strings.HasPrefix(rest, " n1\n") {
		t.Errorf("Mermaid label %q, then %q", label, rest)
	}
	for line := range strings.Lines(g.DOT()) {
		inside := false
		for i := 0; i < len(line); i++ {
			switch line[i] {
			case '\\':
				i++
			case '"':
				inside = !inside
			case '<', '`':
				if !inside {
					t.Errorf("DOT: %c outside of quotes in %q", line[i], line)
				}
			}
		}
		if inside {
			t.Errorf("DOT: open quote in %q", line)
		}
	}
}

func TestBrokenGraphsAreDrawn(t *testing.T) {
	for _, g := range []*Graph{
		sketch(),
		sketch("only end"),
		sketch("start start -> start", "end end"),
		sketch("start start -> a", "a linear -> b", "b linear -> a gone gone", "end end"),
		sketch("a  -> a", "b "),
	} {
		parseSVG(t, g.SVG())
		for _, out := range []string{g.Mermaid(), g.DOT()} {
			if strings.TrimSpace(out) == "" {
				t.Error("empty drawing")
			}
		}
		if _, err := g.JSON(&flow.File{Text: text.New(nil)}); err != nil {
			t.Error(err)
		}
	}
}

// A chain of 10,000 steps that also all jump to the end would need 50 million
// helpers; a ladder of cycles would make a path-enumerating layout hang.
func TestLargeGraphsAreDrawn(t *testing.T) {
	var chain, ladder []string
	for i := range 10000 {
		chain = append(chain, fmt.Sprintf("s%d split -> s%d end", i, i+1))
		ladder = append(ladder, fmt.Sprintf("s%d split -> s%d s%d s%d", i, (i+1)%10000, (i+2)%10000, i/2))
	}
	chain = append(chain, "s10000 linear -> end", "end end")
	for _, lines := range [][]string{chain, ladder} {
		parseSVG(t, sketch(lines...).SVG())
	}
}
