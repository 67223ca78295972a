package runstate

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"flowls/runner/pickle"
	"flowls/runner/store"
)

// maxInternal bounds blobs of Metaflow's own that are read: the graph of a flow
// with thousands of steps, a long traceback.
const maxInternal = 8 << 20

// RemoteSpin is the metadata in which runner/remotespin notes the task whose
// inputs it took.
const RemoteSpin = "flowls-remote-spin"

// NoteRemoteSpin takes what that says: run/step or run/step/task.
func (run *Run) NoteRemoteSpin(value string) {
	if parts := strings.Split(value, "/"); len(parts) > 1 {
		run.Origin, run.Only = parts[0], parts[1]
	}
}

// readParameters fills in what the pseudo step _parameters tells of the run.
// Absent or damaged parts stay empty: the rest of the run can be shown.
func (r *Reader) readParameters(ctx context.Context, run *Run, dir string) {
	entries, err := os.ReadDir(filepath.Join(dir, "_parameters"))
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "_meta" {
			continue
		}
		task := filepath.Join(dir, "_parameters", e.Name())
		start, end := r.readParameterMeta(run, task)
		if g := r.graph(ctx, run, task); g != nil {
			copied := *g
			if start != "" && end != "" {
				copied.Start, copied.End = start, end
			}
			run.Graph = &copied
		}
		return
	}
}

func (r *Reader) readParameterMeta(run *Run, task string) (start, end string) {
	entries, err := os.ReadDir(filepath.Join(task, "_meta"))
	if err != nil {
		return "", ""
	}
	for _, e := range entries {
		field, ok := sysmeta(e.Name())
		if !ok {
			continue
		}
		switch field {
		case "script-name", "origin-run-id", "start_step", "end_step", RemoteSpin:
		default:
			continue
		}
		m, err := readMetadatum(task, e.Name())
		if err != nil {
			continue
		}
		switch value := m.text(); field {
		case "script-name":
			run.Script = value
		case "origin-run-id":
			if value != "None" {
				run.Origin = value
			}
		case RemoteSpin:
			run.NoteRemoteSpin(value)
		case "start_step":
			start = value
		case "end_step":
			end = value
		}
	}
	return start, end
}

// graph reads _graph_info of the parameters' task; nil if there is none.
func (r *Reader) graph(ctx context.Context, run *Run, task string) *Graph {
	var key string
	if data, err := readData(filepath.Join(task, "0.data.json")); err == nil {
		key = data.Objects["_graph_info"]
	} else if record, err := readArtifactRecord(task, 0, "_graph_info"); err == nil {
		key, run.Store = record.SHA, record.place(r.Root)
	}
	if key == "" {
		return nil
	}
	if g, ok := r.cache.graph(key); ok {
		return g
	}
	v, err := r.value(ctx, run.Store, run.Flow, key, maxInternal)
	if err != nil {
		run.Incomplete = run.Store.Elsewhere()
		return nil
	}
	g := decodeGraph(v)
	if g != nil {
		r.cache.keepGraph(key, g)
	}
	return g
}

// value reads a blob and the pickle in it.
func (r *Reader) value(ctx context.Context, at Place, flow, key string, limit int64) (pickle.Value, error) {
	files, err := r.files(at)
	if err != nil {
		return nil, err
	}
	raw, err := store.Blobs{Files: files, Flow: flow}.Read(ctx, key, limit)
	if err != nil {
		return nil, err
	}
	return pickle.Read(ctx, raw, pickle.Limits{})
}

func decodeGraph(v pickle.Value) *Graph {
	d, ok := v.(*pickle.Dict)
	if !ok {
		return nil
	}
	g := &Graph{File: str(d, "file"), Start: str(d, "start_step"), End: str(d, "end_step")}
	steps, ok := get(d, "steps").(*pickle.Dict)
	if !ok {
		return nil
	}
	found := make(map[string]GraphStep, len(steps.Entries))
	var names []string
	for _, e := range steps.Entries {
		name, ok := e.Key.(string)
		s, ok2 := e.Value.(*pickle.Dict)
		if !ok || !ok2 {
			continue
		}
		step := GraphStep{Name: name, Type: str(s, "type"), SourceFile: str(s, "source_file")}
		if line, ok := get(s, "line").(int64); ok {
			step.Line = int(line)
		}
		if next, ok := get(s, "next").(*pickle.List); ok {
			for _, n := range next.Items {
				if n, ok := n.(string); ok {
					step.Next = append(step.Next, n)
				}
			}
		}
		step.Retries = retries(get(s, "decorators"))
		if _, again := found[name]; !again {
			names = append(names, name)
		}
		found[name] = step
	}
	start := g.Start
	if start == "" {
		start = "start"
	}
	// Breadth first from the start, the order in which a reader expects steps;
	// what cannot be reached comes last.
	seen := make(map[string]bool, len(found))
	visit := func(from string) {
		for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
			step, ok := found[queue[0]]
			if !ok || seen[step.Name] {
				continue
			}
			seen[step.Name] = true
			g.Steps = append(g.Steps, step)
			queue = append(queue, step.Next...)
		}
	}
	visit(start)
	for _, name := range names {
		visit(name)
	}
	return g
}

// retries counts the attempts that decorators of a step allow after the first.
func retries(v pickle.Value) int {
	decorators, ok := v.(*pickle.List)
	if !ok {
		return 0
	}
	n := 0
	for _, item := range decorators.Items {
		d, ok := item.(*pickle.Dict)
		if !ok {
			continue
		}
		switch str(d, "name") {
		case "retry":
			if attributes, ok := get(d, "attributes").(*pickle.Dict); ok {
				switch times := get(attributes, "times").(type) {
				case int64:
					n += int(min(max(times, 0), maxAttempt))
				case string: // from the command line: --with retry:times=2
					if m, err := strconv.Atoi(times); err == nil {
						n += min(max(m, 0), maxAttempt)
					}
				}
			}
		case "catch":
			n++
		}
	}
	return n
}

func get(d *pickle.Dict, key string) pickle.Value {
	v, _ := d.Get(key)
	return v
}

func str(d *pickle.Dict, key string) string {
	s, _ := get(d, key).(string)
	return s
}
