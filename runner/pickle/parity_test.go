package pickle

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"flowls/runner/runnertest"
)

// Python pickles each value of testdata/values.py with every protocol and says
// what its repr is.
func TestReprIsPythons(t *testing.T) {
	if n := parity(t, "testdata/values.py"); n < 500 {
		t.Errorf("only %d cases", n)
	}
}

// The same for values that a seed makes up: always the same ones, and new ones each day.
func TestReprOfRandomValues(t *testing.T) {
	for _, seed := range []string{"1", "2", time.Now().Format(time.DateOnly)} {
		if n := parity(t, "testdata/random_values.py", seed, "150"); n != 900 {
			t.Errorf("seed %s: %d cases", seed, n)
		}
	}
}

// parity compares with each line that a script prints.
func parity(t *testing.T, script ...string) (n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, runnertest.Python(t), script...).Output()
	if err != nil {
		t.Fatal(err)
	}
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
			t.Errorf("%v, protocol %d, %.300s: %v", script, c.Protocol, c.Repr, err)
			continue
		}
		if got, complete := Repr(v, 1<<20); got != c.Repr || !complete {
			t.Errorf("%v, protocol %d: %s", script, c.Protocol, differ(got, c.Repr))
		}
		streamed, err := Stream(ctx, inMemory{bytes.NewReader(data)}, StreamLimits{Keep: 1 << 20, Payload: 1 << 20})
		if err != nil || !streamed.Complete {
			t.Errorf("%v, protocol %d, %.300s, streamed: %+v, %v", script, c.Protocol, c.Repr, streamed, err)
		} else if got, complete := Repr(streamed.Value, 1<<20); got != c.Repr || !complete {
			t.Errorf("%v, protocol %d, streamed: %s", script, c.Protocol, differ(got, c.Repr))
		}
		// Every prefix is an error, never a value and never a panic.
		for i := 0; i < len(data); i += 1 + len(data)/64 {
			if v, err := Read(ctx, data[:i], Limits{}); err == nil {
				t.Errorf("protocol %d, %.300s: the first %d bytes give %v", c.Protocol, c.Repr, i, v)
			}
			if v, err := Stream(ctx, inMemory{bytes.NewReader(data[:i])}, StreamLimits{}); err == nil {
				t.Errorf("protocol %d, %.300s: the first %d bytes give %v, streamed", c.Protocol, c.Repr, i, v)
			}
		}
	}
	return n
}

// differ shows two texts around their first difference.
func differ(got, want string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	from := max(0, i-60)
	return fmt.Sprintf("\n got  …%.200s\n want …%.200s", got[from:], want[from:])
}

type inMemory struct{ *bytes.Reader }

func (m inMemory) Skip(n int64) error {
	if n > int64(m.Len()) {
		return io.ErrUnexpectedEOF
	}
	_, err := m.Seek(n, io.SeekCurrent)
	return err
}

func (m inMemory) Seeks() bool { return false }
