package prooftest

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"flowls/analysis/rule"
	"flowls/internal/venv"
)

// harness is part of every key: what runs a flow in another way runs it anew.
//
//go:embed run_test.go
var harness string

// cache holds the results of commands below .cache/proofs, by the hash of all
// that they depend on. Only results that proved something are kept, so that a
// failure is always seen for real.
type cache struct {
	dir   string
	world []string // what every result depends on
	seed  string   // of Python's hashes
}

func openCache(t *testing.T) cache {
	t.Helper()
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	python, err := venv.Python()
	if err != nil {
		t.Fatal(err)
	}
	if python, err = filepath.EvalSymlinks(python); err != nil { // its name tells the version
		t.Fatal(err)
	}
	requirements, err := os.ReadFile(filepath.Join(root, "requirements.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return cache{filepath.Join(root, ".cache", "proofs"), []string{harness, forksSource, python, os.Getenv("FLOWLS_PYTHON"), string(requirements)}, sameHashes}
}

// of is the cache for what a proof asks for.
func (c cache) of(p *rule.Proof) cache {
	if p.RandomHashes {
		c.seed = "random"
		c.world = append(slices.Clip(c.world), c.seed)
	}
	return c
}

// entry is the place of one command's result.
func (c cache) entry(t *testing.T, source string, args []string) string {
	t.Helper()
	key, err := json.Marshal([]any{c.world, source, args})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(key)
	return filepath.Join(c.dir, hex.EncodeToString(sum[:])+".json")
}

// proven is a result together with where to keep it.
type proven struct {
	result
	entry string
	fresh bool
}

// run executes the source with args in a new folder, or takes the kept result.
func (c cache) run(t *testing.T, source string, args []string) proven {
	t.Helper()
	p := proven{entry: c.entry(t, source, args)}
	kept, err := os.ReadFile(p.entry)
	if err == nil && json.Unmarshal(kept, &p.result) == nil {
		return p
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	flow := filepath.Join(t.TempDir(), "flow.py")
	if err := os.WriteFile(flow, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	if p.result, err = (command{flow, args, exampleLimit, c.seed}).run(t); err != nil {
		t.Fatal(err)
	}
	p.fresh = true
	return p
}

// keep writes the result into the cache, whole or not at all.
func (p proven) keep(t *testing.T) {
	t.Helper()
	if !p.fresh {
		return
	}
	data, err := json.Marshal(p.result)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(p.entry), 0o755); err != nil {
		t.Fatal(err)
	}
	half, err := os.CreateTemp(filepath.Dir(p.entry), "half-")
	if err != nil {
		t.Fatal(err)
	}
	_, err = half.Write(data)
	if err = errors.Join(err, half.Close()); err == nil {
		err = os.Rename(half.Name(), p.entry)
	}
	if err != nil {
		t.Fatal(err)
	}
}
