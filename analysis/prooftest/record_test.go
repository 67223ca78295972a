package prooftest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"flowls/internal/venv"
)

// record is testdata/flows/ran.json: how each flow ended when it was run last.
type record struct {
	Metaflow string             `json:"metaflow"`
	Ran      map[string]string  `json:"ran"`    // path → hash
	Failed   map[string]failure `json:"failed"` // the linter accepts these as well, and that is all they show
}

type failure struct {
	Hash string `json:"hash"`
	Why  string `json:"why"`
}

func recordFile(t *testing.T) string {
	t.Helper()
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "testdata/flows/ran.json")
}

// readRecord is what is known of the pinned Metaflow; nothing when another one was recorded.
func readRecord(t *testing.T) record {
	t.Helper()
	r := record{Metaflow: pinned(t), Ran: map[string]string{}, Failed: map[string]failure{}}
	data, err := os.ReadFile(recordFile(t))
	if errors.Is(err, fs.ErrNotExist) {
		return r
	}
	var known record
	if err != nil || json.Unmarshal(data, &known) != nil {
		t.Fatalf("testdata/flows/ran.json cannot be read (%v)", err)
	}
	if known.Metaflow != r.Metaflow {
		return r
	}
	return known
}

// pinned is the Metaflow of requirements.txt.
func pinned(t *testing.T) string {
	t.Helper()
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	requirements, err := os.ReadFile(filepath.Join(root, "requirements.txt"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^metaflow==(\S+)$`).FindSubmatch(requirements)
	if m == nil {
		t.Fatal("requirements.txt pins no metaflow")
	}
	return string(m[1])
}

// hash is of the file and of the files beside it that it imports.
func hash(t *testing.T, path string) string {
	t.Helper()
	src := read(t, path)
	h := sha256.New()
	h.Write(src)
	beside, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.py"))
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range beside {
		module := strings.TrimSuffix(filepath.Base(other), ".py")
		if other != path && regexp.MustCompile(`\b(from|import) +`+regexp.QuoteMeta(module)+`\b`).Match(src) {
			h.Write(read(t, other))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func (r record) write(t *testing.T) {
	t.Helper()
	var data bytes.Buffer
	out := json.NewEncoder(&data)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	err := out.Encode(r)
	if err == nil {
		err = os.WriteFile(recordFile(t), data.Bytes(), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
