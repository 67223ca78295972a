// Package pickle reads Python pickles of protocols 0 to 5 without executing
// anything: what a pickle wants imported, called or built becomes an inert
// node. The size of the result is bounded by the size of the input and by
// Limits; values may share parts and hold themselves, as in Python.
package pickle

// Value is one of:
//
//	nil          None
//	bool         True, False
//	int64        an int that fits
//	*big.Int     an int that does not
//	float64      a float
//	string       a str; lone surrogates stand as three bytes each (WTF-8)
//	Bytes        a bytes object
//	*ByteArray, *List, *Tuple, *Set, *Dict, *Global, *Object, *Persistent, *Buffer
//
// and, of Stream only,
//
//	*Chunk       a long str, bytes or bytearray of which parts were kept
//	Omitted      a value that was not kept
type Value any

// Bytes is a bytes object. It is not to be changed: values share it.
type Bytes []byte

// ByteArray is a bytearray object.
type ByteArray struct{ Data []byte }

// List is a list.
type List struct {
	Items []Value
	More  int // items behind these that were not kept; likewise below
}

// Len is the number of its items in Python.
func (l *List) Len() int { return len(l.Items) + l.More }

// Tuple is a tuple.
type Tuple struct {
	Items []Value
	More  int
}

// Len is the number of its items in Python.
func (t *Tuple) Len() int { return len(t.Items) + t.More }

// Set is a set or a frozenset, in the order of the pickle.
type Set struct {
	Items  []Value
	More   int
	Frozen bool
}

// Entry is one key and value of a Dict.
type Entry struct{ Key, Value Value }

// Dict is a dict. Keys may repeat; the last one counts.
type Dict struct {
	Entries []Entry
	More    int
}

// Get finds the value of a string key.
func (d *Dict) Get(key string) (Value, bool) {
	for i := len(d.Entries) - 1; i >= 0; i-- {
		if k, ok := d.Entries[i].Key.(string); ok && k == key {
			return d.Entries[i].Value, true
		}
	}
	return nil, false
}

// Global names something of a module: a class, a function. It is not imported.
type Global struct{ Module, Name string }

// Object is what calling or constructing would have made.
type Object struct {
	// Callable is what would be called: nearly always a *Global.
	Callable Value
	// New: made by Callable.__new__ (NEWOBJ) rather than by a call (REDUCE).
	New    bool
	Args   []Value
	Kwargs *Dict // of NEWOBJ_EX, else nil
	// HasState tells a state of None from no state.
	HasState bool
	State    Value   // of BUILD; several BUILDs leave the last
	Items    []Value // of APPENDS or ADDITEMS, for subclasses of list, deque, set
	Entries  []Entry // of SETITEMS, for subclasses of dict
	More     int     // items and entries that were not kept
}

// Global is the object's class or function, nil if it is not named directly.
func (o *Object) Global() *Global {
	g, _ := o.Callable.(*Global)
	return g
}

// Is reports whether the object comes from module.name.
func (o *Object) Is(module, name string) bool {
	g := o.Global()
	return g != nil && g.Module == module && g.Name == name
}

// Persistent is a reference to something outside the pickle.
type Persistent struct{ ID Value }

// Buffer is an out-of-band buffer of protocol 5: its content is not in the pickle.
type Buffer struct{ ReadOnly bool }

// Chunk is a long str, bytes or bytearray of which only parts were kept.
type Chunk struct {
	Size  int64 // in bytes
	Text  bool
	Parts []Part
}

// Part is a part of a Chunk.
type Part struct {
	Offset int64
	Data   []byte
}

// Head is what was kept from the beginning on.
func (c *Chunk) Head() []byte {
	if len(c.Parts) == 0 || c.Parts[0].Offset != 0 {
		return nil
	}
	return c.Parts[0].Data
}

// Range is the n bytes from offset on, if they were kept.
func (c *Chunk) Range(offset, n int64) ([]byte, bool) {
	for _, p := range c.Parts {
		if offset >= p.Offset && n >= 0 && offset-p.Offset <= int64(len(p.Data))-n {
			return p.Data[offset-p.Offset:][:n], true
		}
	}
	return nil, false
}

// Omitted is a value that was not kept.
type Omitted struct{}
