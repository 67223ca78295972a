package pickle

// close ends a pickle that was read in part: from the innermost outward, each
// value that is being built is given to the one that it was built for, as
// Python's pickler would have gone on. Where that is ambiguous the likeliest
// is taken; the result is for showing, and marked as partial.
func (m *machine) close() (Value, bool) {
	for len(m.marks) > 0 {
		from := m.floor()
		m.marks = m.marks[:len(m.marks)-1]
		items := fold(append([]Value(nil), m.stack[from:]...))
		m.stack = m.stack[:from]
		if from == 0 || from <= m.floor() && len(m.marks) > 0 {
			m.stack = append(m.stack, &Tuple{Items: items})
			continue
		}
		m.give(m.stack[from-1], items)
	}
	rest := fold(m.stack)
	if len(rest) == 0 {
		return nil, false
	}
	return rest[0], true
}

// give adds the items above a mark to what lies below it.
func (m *machine) give(below Value, items []Value) {
	// A full batch, or none yet: the items are more of the same.
	batch := func(n int) bool { return n%1000 == 0 }
	switch t := below.(type) {
	case *List:
		if batch(t.Len()) {
			extend(m, &t.Items, items, &t.More, 0)
			return
		}
	case *Set:
		if batch(len(t.Items) + t.More) {
			extend(m, &t.Items, items, &t.More, 0)
			return
		}
	case *Dict:
		if batch(len(t.Entries) + t.More) {
			extend(m, &t.Entries, halves(items), &t.More, 0)
			return
		}
	case *Object:
		if collection(t) {
			if g := t.class(); g.Name == "deque" {
				extend(m, &t.Items, items, &t.More, 0)
			} else {
				extend(m, &t.Entries, halves(items), &t.More, 0)
			}
			return
		}
		if !t.HasState {
			t.State, t.HasState = &Tuple{Items: items}, true
			return
		}
	}
	m.stack = append(m.stack, &Tuple{Items: items})
}

func collection(o *Object) bool {
	g := o.class()
	if g == nil || g.Module != "collections" {
		return false
	}
	return g.Name == "OrderedDict" || g.Name == "defaultdict" || g.Name == "Counter" || g.Name == "deque"
}

// halves makes entries of keys and values; a last key has no value yet.
func halves(items []Value) []Entry {
	var entries []Entry
	for i := 0; i < len(items); i += 2 {
		var v Value = Omitted{}
		if i+1 < len(items) {
			v = items[i+1]
		}
		entries = append(entries, Entry{items[i], v})
	}
	return entries
}

// fold gives the last value of a row, again and again, to one before it that
// waits for it: arguments to a class, a state to an object, an item to a list.
func fold(row []Value) []Value {
	for len(row) > 1 {
		shorter, ok := foldLast(row)
		if !ok {
			break
		}
		row = shorter
	}
	return row
}

func foldLast(row []Value) ([]Value, bool) {
	n := len(row)
	last := row[n-1]
	switch t := row[n-2].(type) {
	case *Object:
		switch last.(type) {
		case *Dict, *Tuple:
			if !t.HasState {
				t.State, t.HasState = last, true
				return row[:n-1], true
			}
		}
	case *Global:
		args := []Value{last}
		if tuple, ok := last.(*Tuple); ok {
			args = tuple.Items
		}
		row[n-2] = &Object{Callable: t, Args: args}
		return row[:n-1], true
	case *List:
		if t.Len() == 0 {
			t.Items = append(t.Items, last)
			return row[:n-1], true
		}
	}
	for i := n - 3; i >= 0; i-- { // arguments that are not gathered yet
		if g, ok := row[i].(*Global); ok {
			row[i] = &Object{Callable: g, Args: append([]Value(nil), row[i+1:]...)}
			return row[:i+1], true
		}
	}
	return row, false
}
