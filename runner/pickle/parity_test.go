package pickle

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"flowls/runner/runnertest"
)

// Python pickles each value of testdata/values.py with every protocol and says
// what its repr is.
func TestReprIsPythons(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, runnertest.Python(t), "testdata/values.py")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(out)) {
		var c struct {
			Repr     string `json:"repr"`
			Protocol int    `json:"protocol"`
			Pickle   string `json:"pickle"`
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		data, err := base64.StdEncoding.DecodeString(c.Pickle)
		if err != nil {
			t.Fatal(err)
		}
		n++
		v, err := Read(ctx, data, Limits{})
		if err != nil {
			t.Errorf("protocol %d, %s: %v", c.Protocol, c.Repr, err)
			continue
		}
		if got, complete := Repr(v, 1<<20); got != c.Repr || !complete {
			t.Errorf("protocol %d:\n got  %s\n want %s", c.Protocol, got, c.Repr)
		}
		// Every prefix is an error, never a value and never a panic.
		for i := 0; i < len(data); i += 1 + len(data)/64 {
			if v, err := Read(ctx, data[:i], Limits{}); err == nil {
				t.Errorf("protocol %d, %s: the first %d bytes give %v", c.Protocol, c.Repr, i, v)
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d cases", n)
	}
}
