package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"flowls/analysis/flow"
)

func TestDeclared(t *testing.T) {
	f := one(t, `from metaflow import Config, FlowSpec, IncludeFile, JSONType, Parameter, step
import metaflow
import click

LIMIT = 3
class P(FlowSpec):
    a = Parameter("a", default=1)
    b = Parameter("b", 0.5, help="how much")
    c = Parameter("c", type=bool, required=True)
    d = Parameter("d")
    e = Parameter("e", type=JSONType, default='{"x": 1}')
    f = Parameter("f", type=metaflow.JSONType)
    g = Parameter("g", default=LIMIT)
    h = Parameter("h", default=lambda ctx: "x")
    i = Parameter("i", type=click.Choice(["x", "y"]), default="x")
    j = Parameter("j", default="a,b", separator=",", hide_input=True)
    k = Parameter("k", required=True, default=2)
    l = Parameter("l", **{"type": int})
    m = Parameter("m", default=None, type=int)
    n = IncludeFile("n", required=True)
    o = Config("o", default="c.json")
    p = Config("p", default_value={"a": 1})
    q = Config("q", required=True, parser="x.y")
    r = Parameter("r", default=-3)
    @step
    def start(self):
        self.next(self.end)
    @step
    def end(self):
        pass
`)
	want := strings.TrimSpace(`
a int default=1
b float default=0.5 help="how much"
c bool required
d str
e json default={"x": 1}
f json
g any default
h str default
i any x|y default=x
j str default=a,b hidden sep=","
k int default=2
l any default
m int
n file required
o config default file=c.json
p config default={...}
q config required
r int default=-3`)
	var got []string
	for _, p := range f.Parameters {
		d := f.Declared(p)
		line := p.Name + " " + d.Type
		if d.Type == "" {
			line = p.Name + " any"
		}
		if d.Choices != nil {
			line += " " + strings.Join(d.Choices, "|")
		}
		switch {
		case d.HasDefault && d.Default.Kind == flow.Dict:
			line += " default={...}"
		case d.HasDefault && d.Default.Constant():
			line += " default=" + d.Default.Text
		case d.HasDefault:
			line += " default"
		}
		if d.Required {
			line += " required"
		}
		if d.Hidden {
			line += " hidden"
		}
		if d.Help != "" {
			line += fmt.Sprintf(" help=%q", d.Help)
		}
		if d.Separator != "" {
			line += fmt.Sprintf(" sep=%q", d.Separator)
		}
		if d.DefaultFile.Known() {
			line += " file=" + d.DefaultFile.Text
		}
		got = append(got, line)
	}
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}
