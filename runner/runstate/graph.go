package runstate

import (
	"context"
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

// graph reads _graph_info; nil if there is none.
func (r *Reader) graph(ctx context.Context, run *Run, key string) *Graph {
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
