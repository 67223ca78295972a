package kube

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// tables are the three kinds of one board, filled as reflectors do.
type tables struct {
	board  *board
	jobs   *table[*batchv1.Job]
	pods   *table[*corev1.Pod]
	events *table[*corev1.Event]
}

func newTables() tables {
	b, nothing := newBoard(), func() {}
	return tables{b,
		newTable(b, (*board).job, (*board).forget, nothing),
		newTable(b, (*board).pod, (*board).forget, nothing),
		newTable(b, (*board).event, (*board).forgetNote, nothing),
	}
}

// Three watches are not in step: whatever comes first, the state in the end is the
// same.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	for name := range recorded {
		r := readRecording(t, name)
		want := seenIn(t, r).state()
		for seed := range uint64(20) {
			all := newTables()
			var arrivals []func() error
			for i := range r.Jobs {
				arrivals = append(arrivals, func() error { return all.jobs.Add(&r.Jobs[i]) })
			}
			for i := range r.Pods {
				arrivals = append(arrivals, func() error { return all.pods.Add(&r.Pods[i]) })
			}
			for i := range r.Events {
				arrivals = append(arrivals, func() error { return all.events.Add(&r.Events[i]) })
			}
			rand.New(rand.NewPCG(seed, 0)).Shuffle(len(arrivals), func(i, j int) { arrivals[i], arrivals[j] = arrivals[j], arrivals[i] })
			var states []State
			for _, arrive := range arrivals {
				if err := arrive(); err != nil {
					t.Fatal(err)
				}
				if changed, _ := all.board.take(); len(changed) > 0 {
					states = append(states, changed...)
				}
			}
			if got := states[len(states)-1]; got != want {
				t.Fatalf("%s, seed %d: got %+v\nwant %+v", name, seed, got, want)
			}
		}
	}
}

func TestListAnewDropsWhatIsGone(t *testing.T) {
	all := newTables()
	a, b := readRecording(t, "running"), readRecording(t, "exit-3")
	for _, err := range []error{
		all.jobs.Replace([]any{&a.Jobs[0], &b.Jobs[0]}, "1"),
		all.pods.Replace([]any{&a.Pods[0], &b.Pods[0]}, "1"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if states, gone := all.board.take(); len(states) != 2 || len(gone) != 0 {
		t.Fatalf("%d states, %d gone", len(states), len(gone))
	}
	// The watch broke; meanwhile one task was deleted altogether.
	for _, err := range []error{all.jobs.Replace([]any{&b.Jobs[0]}, "9"), all.pods.Replace([]any{&b.Pods[0]}, "9")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	states, gone := all.board.take()
	if len(gone) != 1 || gone[0].ID != "running" {
		t.Errorf("gone: %+v", gone)
	}
	if len(states) != 1 || states[0].Phase != Failed {
		t.Errorf("states: %+v", states)
	}
	if states, gone := all.board.take(); len(states)+len(gone) != 0 {
		t.Errorf("told twice: %+v, %+v", states, gone)
	}
}

func TestNothingIsKeptOfDeletedTasks(t *testing.T) {
	all := newTables()
	for name := range recorded {
		r := readRecording(t, name)
		for i := range r.Events {
			_ = all.events.Add(&r.Events[i])
		}
		for i := range r.Jobs {
			_ = all.jobs.Add(&r.Jobs[i])
		}
		for i := range r.Pods {
			_ = all.pods.Add(&r.Pods[i])
		}
		for i := range r.Pods {
			_ = all.pods.Delete(&r.Pods[i])
		}
		for i := range r.Jobs {
			_ = all.jobs.Delete(&r.Jobs[i])
		}
		for i := range r.Events {
			_ = all.events.Delete(&r.Events[i])
		}
	}
	all.board.take()
	b := all.board
	if n := len(b.tasks) + len(b.owner) + len(b.notes) + len(b.about) + len(b.dirty) + len(all.jobs.held) + len(all.pods.held) + len(all.events.held); n != 0 {
		t.Errorf("%d things are kept: %+v", n, b)
	}
}

func TestEventsOfOthersAreBounded(t *testing.T) {
	b := newBoard()
	for i := range maxNotes + 1000 {
		b.putNote(&note{uid: types.UID(fmt.Sprint("event", i)), about: types.UID(fmt.Sprint("other", i)), reason: "Failed"})
	}
	if len(b.about) != maxNotes {
		t.Errorf("%d notes are kept", len(b.about))
	}
	r := readRecording(t, "bad-image")
	b.pod(&r.Pods[0])
	if !b.putNote(&note{uid: "late", about: r.Pods[0].UID, reason: "Failed", message: `Failed to pull image "x": refused`}) {
		t.Error("what is told about a task is dropped in a full namespace")
	}
}

// The label is on deployed templates and other objects as well.
func TestObjectsOfNoTaskAreNotKept(t *testing.T) {
	all := newTables()
	r := readRecording(t, "running")
	for _, annotation := range []string{"metaflow/flow_name", "metaflow/run_id", "metaflow/step_name", "metaflow/task_id"} {
		pod := r.Pods[0].DeepCopy()
		delete(pod.Annotations, annotation)
		if err := all.pods.Add(pod); err != nil {
			t.Fatal(err)
		}
	}
	if len(all.board.tasks) != 0 {
		t.Errorf("kept: %v", all.board.tasks)
	}
}

func TestLongMessagesAreCutAtACharacter(t *testing.T) {
	for n := maxText - 4; n < maxText+8; n++ {
		text := slices.Repeat([]byte("é"), n)
		got := short(string(text))
		if len(got) > maxText+len("…") || got[len(got)-2:] != "é" {
			t.Errorf("%d bytes become %d: %.12q", len(text), len(got), got)
		}
		for _, r := range got {
			if r == '\uFFFD' {
				t.Fatalf("a character was cut: %.12q", got)
			}
		}
	}
}
