package kube

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// shelf has the objects of one kind, in one namespace or in none. Everything in
// it is guarded by the lock of the stock.
type shelf[T v1.Object] struct {
	stock *Stock
	what  string
	kept  map[string]T // by name; nil if it could never be listed
	err   error        // of the last attempt
	// settled: it was listed, or could not be.
	settled bool
	// Before these times the cluster is not asked again for what it refused.
	listAfter, watchAfter time.Time
}

func newShelf[T v1.Object](s *Stock, what string) *shelf[T] { return &shelf[T]{stock: s, what: what} }

// all are the objects in the order of their names, nil if they could not be listed.
func (sh *shelf[T]) all() []T {
	if sh.kept == nil {
		return nil
	}
	all := []T{}
	for _, name := range slices.Sorted(maps.Keys(sh.kept)) {
		all = append(all, sh.kept[name])
	}
	return all
}

func (sh *shelf[T]) problem() error {
	switch {
	case sh.err == nil:
		return nil
	case answered(sh.err):
		return fmt.Errorf("%s cannot be listed: %w", sh.what, sh.err)
	}
	return unreachable(sh.err)
}

// current: the last attempt had an answer, be it that this may not be listed.
func (sh *shelf[T]) current() bool { return sh.err == nil || refused(sh.err) && answered(sh.err) }

// outcome keeps how an attempt to list or watch went.
func (sh *shelf[T]) outcome(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	sh.stock.mu.Lock()
	defer sh.stock.mu.Unlock()
	news := (sh.err == nil) != (err == nil)
	sh.err = err
	if err != nil && !sh.settled {
		sh.settled, news = true, true
	}
	if err != nil && refused(err) && answered(err) {
		sh.kept, sh.listAfter = nil, time.Now().Add(sh.stock.pauses.refused)
	}
	if news {
		sh.stock.told()
	}
}

// The store of a reflector.

func (sh *shelf[T]) Add(object any) error { return sh.Update(object) }

func (sh *shelf[T]) Update(object any) error {
	sh.stock.mu.Lock()
	defer sh.stock.mu.Unlock()
	if o, ok := object.(T); ok && sh.kept != nil && sh.put(sh.kept, o) {
		sh.stock.told()
	}
	return nil
}

// put reports whether that is news: a node tells every few seconds that it lives.
func (sh *shelf[T]) put(into map[string]T, o T) bool {
	o.SetResourceVersion("")
	before, had := sh.kept[o.GetName()]
	into[o.GetName()] = o
	return !had || !equality.Semantic.DeepEqual(before, o)
}

func (sh *shelf[T]) Delete(object any) error {
	if o, ok := object.(v1.Object); ok {
		sh.stock.mu.Lock()
		defer sh.stock.mu.Unlock()
		delete(sh.kept, o.GetName())
		sh.stock.told()
	}
	return nil
}

func (sh *shelf[T]) Replace(objects []any, _ string) error {
	sh.stock.mu.Lock()
	defer sh.stock.mu.Unlock()
	kept, news := make(map[string]T, len(objects)), !sh.settled || sh.err != nil || sh.kept == nil
	for _, object := range objects {
		if o, ok := object.(T); ok {
			news = sh.put(kept, o) || news
		}
	}
	news = news || len(kept) != len(sh.kept)
	sh.kept, sh.settled, sh.err = kept, true, nil
	if news {
		sh.stock.told()
	}
	return nil
}

func (sh *shelf[T]) Resync() error { return nil }

// keep runs the reflector of a shelf. Where the user may list and not watch, the
// list is asked for now and then; where not even that, more rarely.
func keep[T v1.Object](ctx context.Context, sh *shelf[T], expected T, list cache.ListWithContextFunc, start cache.WatchFuncWithContext) {
	list, start = slimList(list), slimWatch(start)
	s := sh.stock
	until := func(at *time.Time) time.Duration {
		s.mu.Lock()
		defer s.mu.Unlock()
		return time.Until(*at)
	}
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options v1.ListOptions) (runtime.Object, error) {
			pause(ctx, until(&sh.listAfter))
			objects, err := list(ctx, options)
			sh.outcome(ctx, err)
			return objects, err
		},
		WatchFuncWithContext: func(ctx context.Context, options v1.ListOptions) (watch.Interface, error) {
			initial := options.SendInitialEvents != nil && *options.SendInitialEvents
			wait, err := until(&sh.watchAfter), error(nil)
			if wait <= 0 {
				var events watch.Interface
				if events, err = start(ctx, options); err == nil || !refused(err) {
					if !initial || err != nil && !answered(err) { // else a list follows that will tell
						sh.outcome(ctx, err)
					}
					return events, err
				}
				s.mu.Lock()
				sh.watchAfter = time.Now().Add(s.pauses.refused)
				s.mu.Unlock()
			}
			if initial { // the reflector lists instead
				return nil, apierrors.NewMethodNotSupported(schema.GroupResource{Resource: sh.what}, "watch")
			}
			return silent(ctx, s.pauses.listed), nil
		},
	}
	reflector := cache.NewReflectorWithOptions(source, expected, sh, cache.ReflectorOptions{Name: sh.what})
	s.done.Go(func() { reflector.RunWithContext(ctx) })
}

// refused: it may not be done, or not there.
func refused(err error) bool {
	return apierrors.IsForbidden(err) || apierrors.IsMethodNotSupported(err) || apierrors.IsNotFound(err)
}

// silent is a watch that says nothing for a while, and then that it is too old: so
// a reflector lists anew.
func silent(ctx context.Context, d time.Duration) watch.Interface {
	said := make(chan watch.Event, 1)
	w := watch.NewProxyWatcher(said)
	go func() {
		defer close(said)
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			expired := apierrors.NewResourceExpired("listed a while ago").Status()
			said <- watch.Event{Type: watch.Error, Object: &expired}
		case <-w.StopChan():
		case <-ctx.Done():
		}
	}()
	return w
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
