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
}

const (
	valuesVersion = 1
	// maxValues is how many flows are remembered.
	maxValues = 200
)

// ValuesPath is the file with the last values of a flow.
func (g *Registry) ValuesPath(script, flow string) string {
	sum := sha256.Sum256([]byte(script))
	return filepath.Join(g.valuesDir(), flow+"-"+hex.EncodeToString(sum[:6])+".json")
}

func (g *Registry) valuesDir() string { return filepath.Join(filepath.Dir(g.Dir), "values") }

// LastValues reads what a flow was last run with; nil if there is nothing.
// Numbers are json.Number: they reach the flow as they were written.
func (g *Registry) LastValues(script, flow string) (*Values, error) {
	path := g.ValuesPath(script, flow)
	data, err := readBounded(path, maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	var v Values
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
	o := v.Options
	spelled := spelledOptions{append([]string{}, o.With...), append([]string{}, o.Tags...), o.MaxWorkers, o.MaxNumSplits, o.Environment, o.Profile, o.Namespace}
	if err := writeJSON(g.ValuesPath(v.Script, v.Flow), spelledValues{v, spelled}); err != nil {
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
	With         []string `json:"with"`
	Tags         []string `json:"tags"`
	MaxWorkers   int      `json:"maxWorkers"`
	MaxNumSplits int      `json:"maxNumSplits"`
	Environment  string   `json:"environment"`
	Profile      string   `json:"profile"`
	Namespace    *string  `json:"namespace"`
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
