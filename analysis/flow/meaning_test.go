package flow_test

import (
	"slices"
	"strings"
	"testing"

	"flowls/analysis"
	"flowls/analysis/flow"
)

const meaningful = `import numpy as np
from metaflow import FlowSpec, Parameter, step

LIMIT = 3


def clean(rows):
    # rows may be empty
    return [scale(r) for r in rows][:LIMIT]


def scale(row):
    return row * np.pi


def unused():
    return 0


class Model:
    depth = 2


class TrainFlow(FlowSpec):
    alpha = Parameter("alpha", default=1)
    SEED = 7

    @step
    def start(self):
        """Begins."""
        self.rows = clean([1, 2])
        self._seed()
        self.next(self.fit)

    def _seed(self):
        self.seed = self.SEED

    @step
    def fit(self):
        self.model = Model()
        self.next(self.end)

    @step
    def end(self):
        print(self.alpha)
        if self.rows:
            print("a")
            print("b")


if __name__ == "__main__":
    TrainFlow()
`

func meanings(t *testing.T, src string) map[string]flow.Meaning {
	t.Helper()
	f := analysis.Model([]byte(src))
	if len(f.Flows) != 1 {
		t.Fatalf("%d flows", len(f.Flows))
	}
	defs := f.Definitions()
	all := map[string]flow.Meaning{}
	for _, s := range f.Flows[0].Steps {
		all[s.Name] = f.Flows[0].Meaning(defs, s)
	}
	return all
}

// A change of the text changes the meaning of the steps that can notice it, and of no others.
func TestMeaning(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           string // "step: names, …" sorted
	}{
		{"comment", "# rows may be empty", "# rows are never empty", ""},
		{"docstring", `"""Begins."""`, `"""Starts."""`, ""},
		{"layout", "self.rows = clean([1, 2])", "self.rows = clean(\n            [1,   2]\n        )", ""},
		{"line further down", "import numpy as np\n", "import numpy as np\n\n\n", ""},
		{"body", "self.rows = clean([1, 2])", "self.rows = clean([1, 3])", "start:"},
		{"helper of the class", "self.seed = self.SEED", "self.seed = self.SEED + 1", "start: ._seed"},
		{"constant of the class", "SEED = 7", "SEED = 8", "start: .SEED"},
		{"function", "return [scale(r) for r in rows]", "return [scale(r) for r in rows if r]", "start: clean"},
		{"function behind a function", "row * np.pi", "row / np.pi", "start: scale"},
		{"constant of the module", "LIMIT = 3", "LIMIT = 4", "start: LIMIT"},
		{"import", "import numpy as np", "import cupy as np", "start: np"},
		{"class of the module", "depth = 2", "depth = 3", "fit: Model"},
		{"nobody needs it", "return 0", "return 1", ""},
		{"default of a parameter", "default=1", "default=2", ""},
		{"other transition", "self.next(self.fit)", "self.next(self.end)", "start:"},
		{"out of the branch", "            print(\"b\")", "        print(\"b\")", "end:"},
		{"decorator", "    @step\n    def fit", "    @retry\n    @step\n    def fit", "fit:"},
		{"removed helper", "    def _seed(self):\n        self.seed = self.SEED\n", "", "start: .SEED ._seed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.Replace(meaningful, c.old, c.new, 1)
			if changed == meaningful {
				t.Fatal("nothing was changed")
			}
			before, after := meanings(t, meaningful), meanings(t, changed)
			var got []string
			for name, m := range before {
				if names := m.Differ(after[name]); len(names) > 0 {
					slices.Sort(names)
					got = append(got, strings.TrimSpace(name+": "+strings.TrimSpace(strings.Join(names, " "))))
				}
			}
			slices.Sort(got)
			if text := strings.Join(got, ", "); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}
