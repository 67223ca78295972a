package difftest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRandomGraphs compares small graphs without any design: every step gets
// some transition to some steps. Most are broken in several ways at once, and
// Metaflow's first finding must be among ours for each. FLOWLS_RANDOM_GRAPHS
// sets how many are tried, FLOWLS_SEED where they start.
func TestRandomGraphs(t *testing.T) {
	count, seed := 600, uint64(1)
	if s := os.Getenv("FLOWLS_RANDOM_GRAPHS"); s != "" {
		fmt.Sscan(s, &count)
	}
	if s := os.Getenv("FLOWLS_SEED"); s != "" {
		fmt.Sscan(s, &seed)
	}
	dir := t.TempDir()
	files := make([]string, count)
	for i := range files {
		files[i] = filepath.Join(dir, fmt.Sprintf("random_%05d.py", i))
		if err := os.WriteFile(files[i], []byte(randomFlow(rand.New(rand.NewPCG(seed, uint64(i))))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	verdicts, _ := metaflow(t, files)
	accepted := 0
	for i, v := range verdicts {
		src, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if v.Error != "" {
			t.Fatalf("flow %d: %s\n%s", i, v.Error, src)
		}
		if v.Flows[0].OK {
			accepted++
		}
		for _, d := range differences(src, v) {
			t.Errorf("flow %d: %s\n%s", i, d, src)
		}
	}
	if accepted == 0 || accepted == count {
		t.Errorf("Metaflow accepts %d of %d: the generator compares nothing", accepted, count)
	}
}

// randomFlow writes a flow of two to eight steps.
func randomFlow(r *rand.Rand) string {
	steps := append([]string{"start", "end"}, []string{"a", "b", "c", "d", "e", "f"}[:r.IntN(7)]...)
	if r.IntN(30) == 0 {
		steps = steps[r.IntN(2):] // the start is missing
	}
	mess := r.IntN(4) // 0: only edges are random; 3: everything is
	var b strings.Builder
	b.WriteString("from metaflow import FlowSpec, step, parallel\n\n\nclass Random(FlowSpec):\n")
	for i, name := range steps {
		// Mostly forwards, so that not every graph is a loop.
		later := append([]string{"end"}, steps[min(i+1, len(steps)):]...)
		if name == "start" && len(steps) > 2 {
			later = steps[2:]
		}
		pick := func() string {
			switch {
			case mess > 1 && r.IntN(25) == 0:
				return "nowhere"
			case r.IntN(20) < mess:
				return steps[r.IntN(len(steps))]
			case r.IntN(2) == 0:
				return later[min(1, len(later)-1)]
			}
			return later[r.IntN(len(later))]
		}
		args := "self"
		if i > 1 && r.IntN(3) == 0 || mess == 3 && r.IntN(12) == 0 {
			args = "self, inputs"
		}
		if mess == 3 && r.IntN(40) == 0 {
			args = []string{"", "self, a, b", "self, *, a", "this", "self, a=1"}[r.IntN(5)]
		}
		decorator := "@step"
		if mess == 3 && r.IntN(25) == 0 {
			decorator = []string{"@step(start=True)", "@step(end=True)", "@step(start=True, end=True)", "@step()"}[r.IntN(4)]
		}
		if r.IntN(12) < mess {
			decorator = "@parallel\n    " + decorator
		}
		fmt.Fprintf(&b, "\n    %s\n    def %s(%s):\n        pass\n", decorator, name, args)
		if name == "end" && r.IntN(12) > 0 {
			continue
		}
		if tail := randomTail(r, mess, pick); tail != "" {
			fmt.Fprintf(&b, "        %s\n", tail)
		}
	}
	return b.String()
}

func randomTail(r *rand.Rand, mess int, pick func() string) string {
	if mess == 3 && r.IntN(15) == 0 {
		return []string{
			"", "self.next()", "self.next('a')", "self.next(self." + pick() + ", self." + pick() + ", foreach='x')",
			"return self.next(self." + pick() + ")", "self.next(self." + pick() + ", other=1)",
			"self.next({'k': self." + pick() + "})", "self.next({k: self." + pick() + "}, condition='x')",
			"self.next(*self.xs)", "self.next(self.a.b." + pick() + ")",
		}[r.IntN(10)]
	}
	switch r.IntN(10) {
	case 0, 1:
		return fmt.Sprintf("self.next(self.%s, self.%s)", pick(), pick())
	case 2:
		return fmt.Sprintf("self.next(self.%s, self.%s, self.%s)", pick(), pick(), pick())
	case 3:
		return fmt.Sprintf("self.next(self.%s, foreach='x')", pick())
	case 4:
		if mess > 1 {
			return fmt.Sprintf("self.next(self.%s, num_parallel=2)", pick())
		}
		return fmt.Sprintf("self.next({1: self.%s, True: self.%s, 'c': self.%s}, condition='x')", pick(), pick(), pick())
	case 5:
		return fmt.Sprintf("self.next({'a': self.%s, 'b': self.%s}, condition='x')", pick(), pick())
	}
	return fmt.Sprintf("self.next(self.%s)", pick())
}
