package runstate

import "context"

// expect finds how many tasks the steps inside a foreach will have.
func (r *Reader) expect(ctx context.Context, run *Run) {
	run.Expect(func(foreach *Step) int {
		total := 0
		for _, t := range foreach.Tasks {
			total += r.splits(ctx, run, t)
		}
		return total
	})
}

// Expect sets how many tasks each step inside a foreach will have, from how many
// the tasks of a foreach step have asked for.
func (run *Run) Expect(yielded func(foreach *Step) int) {
	if run.Graph == nil {
		return
	}
	totals := make(map[string]int)
	for name, foreach := range run.Graph.innermost() {
		s, from := run.Step(name), run.Step(foreach)
		if s == nil || from == nil {
			continue
		}
		if _, known := totals[foreach]; !known {
			totals[foreach] = yielded(from)
		}
		s.Expected = totals[foreach]
	}
}

// innermost names for each step the foreach step whose every task leads to one
// task of it. Where a switch chose between, nobody knows before.
func (g *Graph) innermost() map[string]string {
	type split struct {
		step    string
		foreach bool
		sure    bool // each task of the split leads here
	}
	of := make(map[string]string)
	seen := make(map[string]bool)
	type visit struct {
		name  string
		stack []split
	}
	for queue := []visit{{g.first(), nil}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		s := g.Step(at.name)
		if s == nil || seen[at.name] {
			continue
		}
		seen[at.name] = true
		stack := at.stack
		if s.Type == "join" && len(stack) > 0 {
			stack = stack[:len(stack)-1]
		}
		for i := len(stack) - 1; i >= 0; i-- {
			if !stack[i].sure {
				break
			}
			if stack[i].foreach {
				of[at.name] = stack[i].step
				break
			}
		}
		next := append([]split(nil), stack...)
		switch s.Type {
		case "split-foreach", "split-parallel":
			next = append(next, split{s.Name, true, true})
		case "split-static":
			next = append(next, split{s.Name, false, true})
		case "split-switch":
			if n := len(next); n > 0 {
				next[n-1].sure = false
			}
		}
		for _, n := range s.Next {
			queue = append(queue, visit{n, next})
		}
	}
	return of
}

func (g *Graph) first() string {
	if g.Start != "" {
		return g.Start
	}
	return "start"
}

// splits is how many tasks a foreach task asked for, 0 while unknown.
func (r *Reader) splits(ctx context.Context, run *Run, t *Task) int {
	a := t.LastStored()
	if a == nil || !t.Status.OK() {
		return 0
	}
	if n, ok := r.cache.count(t); ok {
		return n
	}
	key, err := r.key(ctx, run, t, a, "_foreach_num_splits")
	if key == "" || err != nil {
		return 0
	}
	v, err := r.value(ctx, t.Store, run.Flow, key, 4096)
	if err != nil {
		return 0
	}
	n, _ := v.(int64) // None for an unbounded foreach
	if n < 0 || n > 1<<31 {
		n = 0
	}
	r.cache.keepCount(t, int(n))
	return int(n)
}
