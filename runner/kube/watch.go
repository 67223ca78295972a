package kube

import (
	"context"
	"sync"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// Watch follows all tasks of one namespace with three watches, however many tasks
// there are: jobs and pods by Metaflow's label, and events.
type Watch struct {
	board *board

	mu       sync.Mutex
	waiting  map[string]bool  // kinds not listed yet
	problems map[string]error // by kind
	synced   chan struct{}
	done     sync.WaitGroup
}

// Watch starts to follow a namespace; it ends with ctx.
func (c *Client) Watch(ctx context.Context, namespace string) *Watch {
	w := c.watch(ctx, namespace)
	w.done.Go(func() { w.sample(ctx, c, namespace, usagePace) })
	return w
}

func (c *Client) watch(ctx context.Context, namespace string) *Watch {
	w := &Watch{
		board: newBoard(), problems: map[string]error{}, synced: make(chan struct{}),
		waiting: map[string]bool{"jobs": true, "pods": true, "events": true},
	}
	labelled := v1.ListOptions{LabelSelector: selector}
	jobs := typed[batchv1.Job, batchv1.JobList](c.batch, "jobs", namespace)
	follow(ctx, w, "jobs", namespace, labelled, &batchv1.Job{}, lister(jobs.List), jobs.Watch, (*board).job, (*board).forget)
	pods := typed[corev1.Pod, corev1.PodList](c.core, "pods", namespace)
	follow(ctx, w, "pods", namespace, labelled, &corev1.Pod{}, lister(pods.List), pods.Watch, (*board).pod, (*board).forget)
	// Events carry no labels.
	events := typed[corev1.Event, corev1.EventList](c.core, "events", namespace)
	follow(ctx, w, "events", namespace, v1.ListOptions{}, &corev1.Event{}, lister(events.List), events.Watch, (*board).event, (*board).forgetNote)
	return w
}

// Changed receives when Take has something to tell. Changes that come together
// are told together.
func (w *Watch) Changed() <-chan struct{} { return w.board.poke }

// Take returns the states that changed since the last call, and the tasks of which
// the cluster keeps nothing any more.
func (w *Watch) Take() (states []State, gone []Task) { return w.board.take() }

// Again has Take tell the states of some tasks once more: somebody new follows them.
func (w *Watch) Again(of func(Task) bool) { w.board.again(of) }

// Synced is closed when everything was listed once.
func (w *Watch) Synced() <-chan struct{} { return w.synced }

// Wait returns when the watches ended, after ctx.
func (w *Watch) Wait() { w.done.Wait() }

// Problems tells why the cluster is not followed at the moment, by kind: it is
// not reachable, or its permissions do not suffice. It is tried again.
func (w *Watch) Problems() map[string]error {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := make(map[string]error, len(w.problems))
	for kind, err := range w.problems {
		found[kind] = err
	}
	return found
}

// outcome keeps the last error of a kind, or that there is none any more.
func (w *Watch) outcome(ctx context.Context, kind string, err error) {
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if (w.problems[kind] == nil) == (err == nil) && err == nil {
		return
	}
	if err == nil {
		delete(w.problems, kind)
	} else {
		w.problems[kind] = err
	}
	select {
	case w.board.poke <- struct{}{}:
	default:
	}
}

func (w *Watch) listed(kind string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if delete(w.waiting, kind); len(w.waiting) == 0 {
		select {
		case <-w.synced:
		default:
			close(w.synced)
		}
	}
}

func (b *board) job(job *batchv1.Job) bool {
	r, ok := recordJob(job)
	if ok {
		b.putJob(r)
	}
	return ok
}

func (b *board) pod(pod *corev1.Pod) bool {
	r, ok := recordPod(pod)
	if ok {
		b.putPod(r)
	}
	return ok
}

func (b *board) event(event *corev1.Event) bool {
	n, ok := recordEvent(event)
	return ok && b.putNote(n)
}

// lister gives a typed list the type that the reflector asks for.
func lister[L runtime.Object](list func(context.Context, v1.ListOptions) (L, error)) cache.ListWithContextFunc {
	return func(ctx context.Context, options v1.ListOptions) (runtime.Object, error) { return list(ctx, options) }
}

// follow runs one reflector. It lists, watches, resumes, lists anew when the watch
// is too old to be resumed (410), and waits longer after each failure.
func follow[T v1.Object](ctx context.Context, w *Watch, kind, namespace string, fixed v1.ListOptions, expected T,
	list cache.ListWithContextFunc, start cache.WatchFuncWithContext, put func(*board, T) bool, drop func(*board, types.UID)) {
	with := func(options v1.ListOptions) v1.ListOptions {
		options.LabelSelector = fixed.LabelSelector
		return options
	}
	list, start = slimList(list), slimWatch(start)
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options v1.ListOptions) (runtime.Object, error) {
			objects, err := list(ctx, with(options))
			w.outcome(ctx, kind, err)
			return objects, err
		},
		WatchFuncWithContext: func(ctx context.Context, options v1.ListOptions) (watch.Interface, error) {
			events, err := start(ctx, with(options))
			w.outcome(ctx, kind, err)
			return events, err
		},
	}
	reflector := cache.NewReflectorWithOptions(source, expected,
		newTable(w.board, put, drop, func() { w.listed(kind) }), cache.ReflectorOptions{Name: kind + " of " + namespace})
	w.done.Go(func() { reflector.RunWithContext(ctx) })
}
