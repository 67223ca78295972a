package runstate

import (
	"fmt"
	"testing"
	"time"
)

// However many tasks a foreach has at once, it takes no more watches than allowed; what has
// none is told of by the clock.
func TestWatchesAreBounded(t *testing.T) {
	const tasks = 2000 // far more than watches are allowed
	files := []string{self}
	for i := range tasks {
		files = append(files, fmt.Sprintf("F/10/s/%d/0.attempt.json {}", i+1))
	}
	r := tree(t, Alive, files...)
	w, err := NewWatcher(0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Add(r.Root, "F")
	if n := w.Watched(); n > defaultWatches+8 {
		t.Errorf("%d directories are watched", n)
	}
	grow(t, r, fmt.Sprintf("F/10/s/%d/0.task_begin {}", tasks))
	deadline := time.After(time.Minute)
	for {
		select {
		case e := <-w.Events():
			if e.Run != "10" {
				continue
			}
			run, err := r.Run("F", "10")
			if err != nil {
				t.Fatal(err)
			}
			if last := run.Step("s").Tasks[tasks-1]; last.Status == Running {
				return
			}
		case <-deadline:
			t.Fatal("nobody told of a task without a watch")
		}
	}
}
