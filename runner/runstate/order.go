package runstate

import (
	"cmp"
	"strconv"
	"strings"
)

// idOrder is the place of a task among those of its step: numbers first, by
// size (control tasks before their workers), then the others by name.
type idOrder struct {
	number   uint64
	numbered bool
}

func orderOf(id string) idOrder {
	n, err := strconv.ParseUint(id, 10, 64)
	return idOrder{n, err == nil}
}

// CompareIDs orders task ids as Step.Tasks are.
func CompareIDs(a, b string) int { return orderOf(a).compare(orderOf(b), a, b) }

// compareTasks is the same for tasks that were read from disk, which know theirs.
func compareTasks(a, b *Task) int { return a.order.compare(b.order, a.ID, b.ID) }

func (o idOrder) compare(p idOrder, a, b string) int {
	switch {
	case o.numbered && p.numbered:
		return cmp.Compare(o.number, p.number)
	case o.numbered:
		return -1
	case p.numbered:
		return 1
	}
	return strings.Compare(a, b)
}
