package runstate

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// dataFile is N.data.json.
type dataFile struct {
	Objects map[string]string `json:"objects"`
	Info    map[string]struct {
		Size       int64  `json:"size"`
		Type       string `json:"type"`
		Encoding   string `json:"encoding"`
		Serializer struct {
			Source string `json:"source"`
		} `json:"serializer_info"`
	} `json:"info"`
}

func readData(path string) (*dataFile, error) {
	var d dataFile
	if err := readJSON(path, &d); err != nil {
		return nil, err
	}
	return &d, nil
}

// data is what an attempt stored, by name.
func (r *Reader) data(ctx context.Context, run *Run, t *Task, a *Attempt) (*dataFile, error) {
	if t.Store.Elsewhere() {
		return r.dataElsewhere(ctx, run, t, a)
	}
	return readData(filepath.Join(t.dir, strconv.Itoa(a.N)+".data.json"))
}

// Key is the key of one artifact of the latest attempt that stored any, "" if
// there is none. It costs less than all artifacts.
func (r *Reader) Key(ctx context.Context, run *Run, task *Task, name string) (string, error) {
	a := task.LastStored()
	if a == nil {
		return "", ErrNoData
	}
	return r.key(ctx, run, task, a, name)
}

// key is the key of one artifact, "" if there is none.
func (r *Reader) key(ctx context.Context, run *Run, t *Task, a *Attempt, name string) (string, error) {
	if t.Store.Elsewhere() && t.dir != "" {
		return recordedKey(t.dir, a.N, name)
	}
	data, err := r.data(ctx, run, t, a)
	if err != nil {
		return "", err
	}
	return data.Objects[name], nil
}

// ErrNoData: the attempt has stored no artifacts.
var ErrNoData = errors.New("no artifacts were stored")

// Artifacts are the user's artifacts of the latest attempt that stored any, by
// name. Parameters and constants of the class are among them, Metaflow's own are not.
func (r *Reader) Artifacts(ctx context.Context, run *Run, task *Task) ([]Artifact, error) {
	a := task.LastStored()
	if a == nil {
		return nil, ErrNoData
	}
	data, err := r.data(ctx, run, task, a)
	if err != nil {
		return nil, err
	}
	before := r.inherited(ctx, run, task)
	all := data.artifacts()
	for i, a := range all {
		all[i].Changed, all[i].Store = !before(a.Name, a.SHA), task.Store
	}
	return all, nil
}

// artifacts are the user's, by name.
func (d *dataFile) artifacts() []Artifact {
	var all []Artifact
	for name, sha := range d.Objects {
		if internal(name) {
			continue
		}
		info := d.Info[name]
		all = append(all, Artifact{
			Name: name, Type: className(info.Type), Size: info.Size, SHA: sha,
			Encoding: info.Encoding, Source: info.Serializer.Source,
		})
	}
	slices.SortFunc(all, func(a, b Artifact) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// internal: Metaflow's own, and `name`, which is the flow's name.
func internal(name string) bool { return strings.HasPrefix(name, "_") || name == "name" }

var classPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^<(?:class|type|enum) '(.*)'>$`) })

func className(printed string) string {
	if m := classPattern().FindStringSubmatch(printed); m != nil {
		return m[1]
	}
	return printed
}

// inherited tells whether a value was there before the task: in a task of a
// step before it, or among the parameters. Which task of several in a foreach
// was the parent makes no difference to the answer for linear steps; for joins
// an artifact merged unchanged from any branch counts as inherited.
func (r *Reader) inherited(ctx context.Context, run *Run, task *Task) func(name, sha string) bool {
	var before []*dataFile
	if run.Spin {
		return func(name, _ string) bool { return false }
	}
	if p, err := r.parametersTask(ctx, run); err == nil {
		if d, err := r.data(ctx, run, p, p.Attempts[0]); err == nil {
			before = append(before, d)
		}
	}
	const most = 64 // parents looked at: a join of thousands would cost seconds
	if run.Graph != nil {
		for _, g := range run.Graph.Steps {
			if !slices.Contains(g.Next, task.Step) {
				continue
			}
			parent := run.Step(g.Name)
			if parent == nil {
				continue
			}
			for _, t := range parent.Tasks {
				if len(before) > most {
					break
				}
				if t == task || !related(t.ForeachPath, task.ForeachPath) {
					continue
				}
				if a := t.LastStored(); a != nil {
					if d, err := r.data(ctx, run, t, a); err == nil {
						before = append(before, d)
					}
				}
			}
		}
	}
	return func(name, sha string) bool {
		for _, d := range before {
			if d.Objects[name] == sha {
				return true
			}
		}
		return false
	}
}

// related: two foreach paths of neighbouring steps belong together if one is
// the beginning of the other.
func related(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || a == "" || strings.HasPrefix(b, a+",")
}

// pickled: written by Metaflow's own serializer, not by one of an extension.
func pickled(a Artifact) bool {
	switch a.Encoding {
	case "", "pickle-v2", "pickle-v4", "gzip+pickle-v2", "gzip+pickle-v4":
		return a.Source == "" || a.Source == "metaflow"
	}
	return false
}
