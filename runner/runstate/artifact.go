package runstate

import (
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

func (t *Task) data(a *Attempt) (*dataFile, error) {
	return readData(filepath.Join(t.dir, strconv.Itoa(a.N)+".data.json"))
}

// ErrNoData: the attempt has stored no artifacts.
var ErrNoData = errors.New("no artifacts were stored")

// Artifacts are the user's artifacts of the latest attempt that stored any, by
// name. Parameters and constants of the class are among them, Metaflow's own are not.
func (r *Reader) Artifacts(run *Run, task *Task) ([]Artifact, error) {
	a := lastWithData(task)
	if a == nil {
		return nil, ErrNoData
	}
	data, err := task.data(a)
	if err != nil {
		return nil, err
	}
	before := r.inherited(run, task)
	all := data.artifacts()
	for i, a := range all {
		all[i].Changed = !before(a.Name, a.SHA)
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

func lastWithData(task *Task) *Attempt {
	for _, a := range slices.Backward(task.Attempts) {
		if a.HasData {
			return a
		}
	}
	return nil
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
func (r *Reader) inherited(run *Run, task *Task) func(name, sha string) bool {
	var before []*dataFile
	if run.Spin {
		return func(name, _ string) bool { return false }
	}
	dir := filepath.Join(r.Root, run.Flow, run.ID)
	if d, err := readData(filepath.Join(dir, "_parameters", "0", "0.data.json")); err == nil {
		before = append(before, d)
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
				if a := lastWithData(t); a != nil {
					if d, err := t.data(a); err == nil {
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
