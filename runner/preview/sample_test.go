package preview

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flowls/runner/pickle"
)

// sample is a value that scripts/record-pickles recorded with the real library,
// and what Python said about it.
type sample struct {
	Name   string `json:"name"`
	Pickle string `json:"pickle"`
	Expect expect `json:"expect"`
	data   []byte
}

type expect struct {
	Type       string             `json:"type"`
	Kind       string             `json:"kind"`
	Size       int                `json:"size"`
	Repr       *string            `json:"repr"`
	ReprValue  *string            `json:"repr_value"`
	Text       *string            `json:"text"`
	Length     *int64             `json:"length"`
	Shape      []int64            `json:"shape"`
	Dtype      string             `json:"dtype"`
	Values     []string           `json:"values"`
	Columns    [][2]string        `json:"columns"`
	Index      []string           `json:"index"`
	Rows       [][]string         `json:"rows"`
	Fields     map[string]string  `json:"fields"`
	Parameters map[string]string  `json:"parameters"`
	Children   map[string][]int64 `json:"children"`
	Fitted     *bool              `json:"fitted"`
	Features   int                `json:"features"`
	Steps      []string           `json:"steps"`
	Width      int64              `json:"width"`
	Height     int64              `json:"height"`
	Mode       string             `json:"mode"`
	Format     string             `json:"format"`
	Nonzero    int                `json:"nonzero"`
	Library    string             `json:"library"`
}

func samples(t testing.TB) map[string][]sample {
	t.Helper()
	files, err := filepath.Glob("../../testdata/pickles/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	all := map[string][]sample{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var s sample
			if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			zipped, err := base64.StdEncoding.DecodeString(s.Pickle)
			if err != nil {
				t.Fatal(err)
			}
			z, err := gzip.NewReader(bytes.NewReader(zipped))
			if err != nil {
				t.Fatal(err)
			}
			if s.data, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
			all[name] = append(all[name], s)
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// source reads a pickle a piece at a time.
type source struct {
	*bytes.Reader
	free bool
}

func (s source) Skip(n int64) error {
	if n > int64(s.Len()) {
		return io.ErrUnexpectedEOF
	}
	_, err := s.Seek(n, io.SeekCurrent)
	return err
}

func (s source) Seeks() bool { return s.free }

// What is said of each value is what Python said of it.
func TestSamples(t *testing.T) {
	for file, list := range samples(t) {
		t.Run(file, func(t *testing.T) {
			for _, s := range list {
				v, err := pickle.Read(t.Context(), s.data, pickle.Limits{})
				if err != nil {
					t.Errorf("%s: %v", s.Name, err)
					continue
				}
				d := Describe(v)
				for _, wrong := range s.Expect.compare(d) {
					t.Errorf("%s: %s", s.Name, wrong)
				}
				streamed, err := pickle.Stream(t.Context(), source{Reader: bytes.NewReader(s.data)}, pickle.StreamLimits{Windows: Windows})
				if err != nil || !streamed.Complete || streamed.Read != int64(len(s.data)) {
					t.Errorf("%s: streamed: %+v, %v", s.Name, streamed, err)
					continue
				}
				for _, wrong := range s.Expect.compare(Describe(streamed.Value)) {
					t.Errorf("%s, streamed: %s", s.Name, wrong)
				}
			}
		})
	}
}

// sameShort: numpy 2.3 and later write short floats of five digits and more as 6e+04.
func sameShort(dtype, got, want string) bool {
	a, err1 := strconv.ParseFloat(got, 32)
	b, err2 := strconv.ParseFloat(want, 32)
	return (dtype == "float16" || dtype == "float32") && err1 == nil && err2 == nil && a == b && strings.Contains(want, "e+")
}

// compare lists what differs from what Python said.
func (e expect) compare(d *Description) (wrong []string) {
	differ := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			wrong = append(wrong, fmt.Sprintf("%s\n    got  %v\n    want %v", what, got, want))
		}
	}
	class := func(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
	if d.Type != "" && d.Kind != Opaque {
		differ("class", class(d.Type), class(e.Type))
	}
	if e.Kind != "" {
		differ("kind", d.Kind, e.Kind)
	}
	if e.Repr != nil {
		differ("repr", d.Value, *e.Repr)
	}
	if e.ReprValue != nil {
		differ("value of an enum", d.Summary, fmt.Sprintf("%s(%s)", class(e.Type), *e.ReprValue))
	}
	if e.Text != nil {
		differ("text", d.Value, *e.Text)
	}
	if e.Length != nil && (d.Length == nil || *d.Length != *e.Length) {
		wrong = append(wrong, fmt.Sprintf("length %v, want %d", d.Length, *e.Length))
	}
	if e.Kind == Image {
		differ("size", d.Shape, []int64{e.Width, e.Height})
		differ("format", d.Format, e.Mode+e.Format)
	} else if e.Kind != "" && e.Kind != Scalar && e.Kind != Model && e.Kind != Dict {
		differ("shape", d.Shape, e.Shape)
	}
	if e.Dtype != "" {
		differ("dtype", d.Dtype, e.Dtype)
	}
	if e.Values != nil && e.Kind != Scalar {
		values := strings.Split(strings.Trim(d.Value, "[]"), ", ")
		for i, want := range e.Values {
			if strings.Contains(strings.Join(e.Values, ""), ",") || strings.Contains(want, "[") {
				continue // the table has them
			}
			if i >= len(values) {
				wrong = append(wrong, fmt.Sprintf("value %d is missing, want %s", i, want))
			} else if got := values[i]; got != want && got != "'"+want+"'" && !sameShort(d.Dtype, got, want) {
				differ(fmt.Sprintf("value %d", i), got, want)
			}
		}
	}
	for i, c := range e.Columns {
		if i >= len(d.Column) {
			wrong = append(wrong, "column "+c[0]+" is missing")
			continue
		}
		differ("column "+c[0], d.Column[i], Column{c[0], c[1]})
	}
	for i, want := range e.Rows {
		if d.Table == nil || i >= len(d.Table.Rows) {
			if d.Table == nil && e.Kind == Series { // an array has values only
				differ("value", strings.Split(strings.Trim(d.Value, "[]"), ", ")[i], "'"+want[0]+"'")
				continue
			}
			wrong = append(wrong, fmt.Sprintf("row %d is missing", i))
			continue
		}
		row := d.Table.Rows[i]
		differ(fmt.Sprintf("index of row %d", i), row[0], e.Index[i])
		for k, cell := range want {
			if row[k+1] != cell {
				differ(fmt.Sprintf("row %d, column %d", i, k), row[k+1], cell)
			}
		}
	}
	parts := map[string]Part{}
	for _, p := range d.Parts {
		parts[p.Name] = p
	}
	for _, group := range []map[string]string{e.Fields, e.Parameters} {
		for name, want := range group {
			differ(name, parts[name].Summary, want)
		}
	}
	for name, shape := range e.Children {
		if !strings.Contains(parts[name].Summary, times(shape)) {
			wrong = append(wrong, fmt.Sprintf("%s is %+v, want shape %v", name, parts[name], shape))
		}
	}
	if e.Fitted != nil && strings.Contains(d.Summary, "not fitted") == *e.Fitted {
		wrong = append(wrong, "fitted: "+d.Summary)
	}
	if e.Features > 0 && !strings.Contains(d.Summary, fmt.Sprintf("%d features", e.Features)) {
		wrong = append(wrong, "features: "+d.Summary)
	}
	for _, step := range e.Steps {
		if !slices.ContainsFunc(d.Parts, func(p Part) bool { return p.Name == step }) {
			wrong = append(wrong, "step "+step+" is missing")
		}
	}
	if e.Nonzero > 0 && !strings.Contains(d.Summary, fmt.Sprintf("%d stored", e.Nonzero)) {
		wrong = append(wrong, "stored: "+d.Summary)
	}
	if e.Library != "" && (!strings.HasPrefix(d.Type, e.Library+".") || d.Summary == "") {
		wrong = append(wrong, fmt.Sprintf("%s %q, want a class of %s", d.Type, d.Summary, e.Library))
	}
	return wrong
}
