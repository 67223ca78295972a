package artifact

// transfer is what a piece of code does to one name: a function from what was
// so before it to what is so after it.
type transfer uint8

const (
	keep transfer = iota // nothing
	set                  // surely sets it
	// perhaps sets it on some paths and surely not on others, without that any
	// later code could know which.
	perhaps
	// related sets it on some paths, and the rest of the code may well know on
	// which: in a loop, in arms of an if that look complete, and the like.
	related
	// dropped takes back what the step has set: what it got from the step before
	// is still there, as del reaches no further than the task.
	dropped
)

// after is what t does and then next.
func (t transfer) after(next transfer) transfer {
	switch next {
	case keep:
		return t
	case set, dropped:
		return next
	}
	switch t {
	case set:
		return set
	case keep, dropped:
		return next
	}
	return related // twice under a condition: together they may cover all paths
}

// meeting is how sure it is that paths differ for a reason that later code
// does not know.
type meeting uint8

const (
	firm     meeting = iota // an if, and what it skips
	complete                // arms that look as if there were no other
	failed                  // a try and its handlers
	loose                   // anything else
)

// meet is what is so where two paths come together.
func (t transfer) meet(other transfer, how meeting) transfer {
	if t == other {
		return t
	}
	a, b := min(t, other), max(t, other)
	switch {
	case how == loose && (b == perhaps || a == keep && b == set):
		return related
	case b == related:
		return related
	case b == dropped:
		if a == keep {
			return dropped
		}
		return related
	case a == keep && b == set:
		if how == complete {
			return related
		}
		return perhaps
	case a == keep: // and perhaps
		return perhaps
	}
	if how == failed { // set and perhaps
		return perhaps
	}
	return related
}
