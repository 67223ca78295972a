package local

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

const goodFlow = `from metaflow import FlowSpec, Parameter, step

class Good(FlowSpec):
    alpha = Parameter("alpha", default=0.1)

    @step
    def start(self):
        print("alpha is", self.alpha)
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Good()
`

func TestRun(t *testing.T) {
	f := newFixture(t)
	script := f.write("good.py", goodFlow)
	args, err := ParameterArgs([]string{"alpha"}, func(string) string { return "-0.25" })
	if err != nil {
		t.Fatal(err)
	}
	started := f.start(Spec{Flow: "Good", Script: script, Args: args})
	if started.Status != Running && started.Status != Succeeded {
		t.Errorf("status after the start: %s", started.Status)
	}
	r := f.wait(started.ID)
	if r.Status != Succeeded || r.Exit.Code != 0 {
		t.Fatalf("status %s, exit %+v", r.Status, r.Exit)
	}
	if _, err := os.Stat(filepath.Join(f.dir, ".metaflow", "Good", r.RunID, "end")); err != nil || r.RunID == "" {
		t.Errorf("run id %q: %v", r.RunID, err)
	}
	log, err := f.ReadLog(r.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !log.Done || !strings.Contains(log.Text, "alpha is -0.25") || !strings.Contains(log.Text, "Validating your flow") {
		t.Errorf("log lacks what both streams carry: %+v", log)
	}
	noneLeft(t, r, script)
}

func TestFailingRun(t *testing.T) {
	f := newFixture(t)
	script := f.write("bad.py", strings.Replace(goodFlow, "print(", "raise RuntimeError(", 1))
	r := f.wait(f.start(Spec{Flow: "Good", Script: script}).ID)
	if r.Status != Failed || r.Exit.Code != 1 || r.Exit.Signal != "" {
		t.Errorf("status %s, exit %+v", r.Status, r.Exit)
	}
}
