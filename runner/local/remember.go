package local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Values are what a flow was last run with. The file is also where a user of an
// editor without input boxes writes them: members that only explain are not
// read, and null stands for the default.
type Values struct {
	Version    int               `json:"version"`
	Flow       string            `json:"flow"`
	Script     string            `json:"script"`
	About      map[string]string `json:"about,omitempty"`
	Parameters map[string]any    `json:"parameters"`
	Configs    map[string]any    `json:"configs,omitempty"`
	Options    Options           `json:"options"`
	// Kind tells apart what is remembered: of a resume or a spin only options
	// are, beside those of the flow's runs.
	Kind Kind `json:"-"`
}

const (
	valuesVersion = 1
	// maxValues is how many flows are remembered.
	maxValues = 200
)

// ValuesPath is the file with what a flow was last run, resumed or spun with.
func (g *Registry) ValuesPath(kind Kind, script, flow string) string {
	sum := sha256.Sum256([]byte(script))
	name := flow + "-" + hex.EncodeToString(sum[:6])
	if kind != Run {
		name += "-" + string(kind)
	}
	return filepath.Join(g.valuesDir(), name+".json")
}

func (g *Registry) valuesDir() string { return filepath.Join(filepath.Dir(g.Dir), "values") }

// LastValues reads what a flow was last run with; nil if there is nothing.
// Numbers are json.Number: they reach the flow as they were written.
func (g *Registry) LastValues(kind Kind, script, flow string) (*Values, error) {
	path := g.ValuesPath(kind, script, flow)
	data, err := readBounded(path, maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	v := Values{Kind: kind}
	if err := d.Decode(&v); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("line %d of %s is no JSON: %w", 1+strings.Count(string(data[:min(int(syntax.Offset), len(data))]), "\n"), path, err)
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if v.Version > valuesVersion {
		return nil, &VersionError{path, v.Version}
	}
	return &v, nil
}

// Remember writes the values for the next time, each option spelled out: the
// user may want to set it.
func (g *Registry) Remember(v Values) error {
	if err := os.MkdirAll(g.valuesDir(), 0o700); err != nil {
		return err
	}
	v.Version = valuesVersion
	if v.Parameters == nil {
		v.Parameters = map[string]any{}
	}
	if err := writeJSON(g.ValuesPath(v.Kind, v.Script, v.Flow), v.spelled()); err != nil {
		return err
	}
	g.forgetValues()
	return nil
}

type spelledValues struct {
	Values
	Options spelledOptions `json:"options"`
}

// spelledOptions are Options of which none is left out.
type spelledOptions struct {
	spinOptions
	resumeOptions
	Namespace *string `json:"namespace"`
}

// spinOptions are those that a spin takes.
type spinOptions struct {
	With        []string `json:"with"`
	Environment string   `json:"environment"`
	Profile     string   `json:"profile"`
}

// resumeOptions are those that a resume takes beside the ones of a spin.
type resumeOptions struct {
	Tags         []string `json:"tags"`
	MaxWorkers   int      `json:"maxWorkers"`
	MaxNumSplits int      `json:"maxNumSplits"`
}

// spelled is the document for the values: with each option that the kind takes.
func (v Values) spelled() any {
	o := v.Options
	spin := spinOptions{append([]string{}, o.With...), o.Environment, o.Profile}
	resume := resumeOptions{append([]string{}, o.Tags...), o.MaxWorkers, o.MaxNumSplits}
	type head struct {
		Version int    `json:"version"`
		Flow    string `json:"flow"`
		Script  string `json:"script"`
		Options any    `json:"options"`
	}
	switch v.Kind {
	case Spin:
		return head{v.Version, v.Flow, v.Script, spin}
	case Resume:
		return head{v.Version, v.Flow, v.Script, struct {
			spinOptions
			resumeOptions
		}{spin, resume}}
	}
	return spelledValues{v, spelledOptions{spin, resume, o.Namespace}}
}

// forgetValues keeps the newest maxValues files.
func (g *Registry) forgetValues() {
	entries, err := os.ReadDir(g.valuesDir())
	if err != nil || len(entries) <= maxValues {
		return
	}
	changed := func(e os.DirEntry) time.Time {
		if info, err := e.Info(); err == nil {
			return info.ModTime()
		}
		return time.Time{}
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return changed(b).Compare(changed(a)) })
	for _, e := range entries[maxValues:] {
		_ = os.Remove(filepath.Join(g.valuesDir(), e.Name())) // the next one tries again
	}
}
