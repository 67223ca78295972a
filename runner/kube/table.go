package kube

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// table is where a reflector puts what it lists and watches: records, not objects.
// It keeps the ids that it holds, because a list after a broken watch names only
// what is still there.
type table[T any] struct {
	board  *board
	put    func(*board, T) (kept bool)
	drop   func(*board, types.UID)
	synced func()
	held   map[types.UID]bool
}

func newTable[T v1.Object](b *board, put func(*board, T) bool, drop func(*board, types.UID), synced func()) *table[T] {
	return &table[T]{b, put, drop, synced, map[types.UID]bool{}}
}

func (t *table[T]) Add(object any) error { return t.Update(object) }

func (t *table[T]) Update(object any) error {
	t.board.mu.Lock()
	defer t.board.mu.Unlock()
	t.one(object)
	return nil
}

func (t *table[T]) one(object any) {
	o, ok := object.(T)
	if !ok {
		return
	}
	if uid := any(o).(v1.Object).GetUID(); t.put(t.board, o) {
		t.held[uid] = true
	}
}

func (t *table[T]) Delete(object any) error {
	if o, ok := object.(v1.Object); ok {
		t.board.mu.Lock()
		defer t.board.mu.Unlock()
		t.drop(t.board, o.GetUID())
		delete(t.held, o.GetUID())
	}
	return nil
}

// Replace is called with a whole list: at the start and when a watch could not be
// resumed.
func (t *table[T]) Replace(objects []any, _ string) error {
	t.board.mu.Lock()
	defer t.board.mu.Unlock()
	before := t.held
	t.held = make(map[types.UID]bool, len(objects))
	for _, object := range objects {
		t.one(object)
	}
	for uid := range before {
		if !t.held[uid] {
			t.drop(t.board, uid)
		}
	}
	t.synced()
	return nil
}

// Resync is for stores that hand on what they hold again and again; we do not.
func (t *table[T]) Resync() error { return nil }
