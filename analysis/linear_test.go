package analysis_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"flowls/analysis"
)

// diamonds is a flow of n splits in a row; tail writes the transition of one.
func diamonds(n int, tail, args string) []byte {
	var b bytes.Buffer
	b.WriteString("from metaflow import FlowSpec, step\n\n\nclass Diamonds(FlowSpec):\n")
	write := func(name, args, tail string) {
		fmt.Fprintf(&b, "    @step\n    def %s(%s):\n        %s\n\n", name, args, tail)
	}
	write("start", "self", "self.x = 'a'\n        self.next(self.s0)")
	for i := range n {
		write(fmt.Sprintf("s%d", i), "self", fmt.Sprintf(tail, i, i))
		write(fmt.Sprintf("a%d", i), "self", fmt.Sprintf("self.next(self.j%d)", i))
		write(fmt.Sprintf("b%d", i), "self", fmt.Sprintf("self.next(self.j%d)", i))
		next := fmt.Sprintf("self.next(self.s%d)", i+1)
		if i == n-1 {
			next = "self.next(self.end)"
		}
		write(fmt.Sprintf("j%d", i), args, next)
	}
	write("end", "self", "pass")
	return b.Bytes()
}

const splitTail, switchTail = "self.next(self.a%d, self.b%d)", "self.next({'a': self.a%d, 'b': self.b%d}, condition='x')"

// Metaflow walks every path of these graphs: 2^40 and more. A walk of that kind
// never ends, and so neither would this test.
func TestLinearTime(t *testing.T) {
	for name, c := range map[string]struct {
		src  []byte
		want int
	}{
		"10,000 steps":          {longFlow(90_000), 0},
		"40 split diamonds":     {diamonds(40, splitTail, "self, inputs"), 0},
		"40 switch diamonds":    {diamonds(40, switchTail, "self"), 0},
		"2,000 split diamonds":  {diamonds(2000, splitTail, "self, inputs"), 0},
		"2,000 switch diamonds": {diamonds(2000, switchTail, "self"), 0},
		"2,000 open splits":     {diamonds(2000, splitTail, "self"), 1},
		"2,000 stray joins":     {diamonds(2000, switchTail, "self, inputs"), 2000},
	} {
		d := analysis.New(c.src)
		if len(d.Diagnostics) != c.want {
			t.Errorf("%s: %d findings, want %d", name, len(d.Diagnostics), c.want)
			for _, f := range d.Diagnostics[:min(3, len(d.Diagnostics))] {
				t.Log(f.Rule.Code, f.Message)
			}
		}
		d.Close()
	}
}

// TestWorkIsLinear compares what a flow and one of four times its size
// allocate: allocations do not depend on how busy the machine is.
func TestWorkIsLinear(t *testing.T) {
	allocated := func(src []byte) float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		analysis.New(src).Close()
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	for name, flow := range map[string]func(n int) []byte{
		"steps":           func(n int) []byte { return longFlow(9 * n) },
		"split diamonds":  func(n int) []byte { return diamonds(n, splitTail, "self, inputs") },
		"switch diamonds": func(n int) []byte { return diamonds(n, switchTail, "self") },
		"open splits":     func(n int) []byte { return diamonds(n, splitTail, "self") },
		"stray joins":     func(n int) []byte { return diamonds(n, switchTail, "self, inputs") },
		"no such steps":   func(n int) []byte { return bytes.ReplaceAll(longFlow(9*n), []byte("(self.s"), []byte("(self.t")) },
		"misplaced steps": func(n int) []byte {
			return bytes.ReplaceAll(longFlow(9*n), []byte("    @step\n    def s"), []byte("def s"))
		},
		"forgotten steps": func(n int) []byte {
			return bytes.ReplaceAll(longFlow(9*n), []byte("    @step\n    def s"), []byte("    def s"))
		},
		"lost starts": func(n int) []byte {
			src := bytes.ReplaceAll(longFlow(9*n), []byte("    @step\n"), nil)
			src = bytes.ReplaceAll(src, []byte("    @retry(times=2)\n"), nil)
			return append(bytes.Replace(src, []byte("    def end"), []byte("    @step\n    def end"), 1), bytes.Repeat([]byte("        print(self.y)\n"), n)...)
		},
	} {
		allocated(flow(10)) // what is made once
		small, large := allocated(flow(250)), allocated(flow(1000))
		if ratio := large / small; ratio > 6 {
			t.Errorf("%s: four times the flow allocates %.1f times as much", name, ratio)
		}
	}
}

// Python refuses such nesting; nobody may overflow a stack on it.
func TestDeepNesting(t *testing.T) {
	const n = 200_000
	for name, value := range map[string]string{
		"parentheses": strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"brackets":    strings.Repeat("[", n) + "1" + strings.Repeat("]", n),
		"signs":       strings.Repeat("-", n) + "1",
		"attributes":  "a" + strings.Repeat(".b", n),
		"calls":       "a" + strings.Repeat("()", n),
		"unclosed":    strings.Repeat("(", n),
	} {
		src := "from metaflow import FlowSpec, step\n\n\nclass F(FlowSpec):\n    @step\n    def start(self):\n        x = " + value +
			"\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n"
		d := analysis.New([]byte(src))
		steps := d.File.Flows[0].Steps
		if len(steps) != 2 || steps[1].Next == nil {
			t.Errorf("%s: the steps are lost: %d", name, len(steps))
		}
		if broken := len(d.Diagnostics) > 0; broken != (name == "unclosed") {
			t.Errorf("%s: %d findings", name, len(d.Diagnostics))
		}
		d.Close()
	}
}
