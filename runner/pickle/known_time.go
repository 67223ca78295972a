package pickle

import (
	"encoding/binary"
	"fmt"
	"strings"
)

func (w *writer) datetime(name string, o *Object, depth int) bool {
	raw, isRaw := rawBytes(o, 0)
	zone := func() {
		if len(o.Args) > 1 && o.Args[1] != nil {
			w.b.WriteString(", tzinfo=")
			w.value(o.Args[1], depth+1)
		}
	}
	switch {
	case name == "datetime" && isRaw && len(raw) == 10:
		month, fold := raw[2]&0x7F, raw[2]&0x80 != 0
		us := int(raw[7])<<16 | int(raw[8])<<8 | int(raw[9])
		w.b.WriteString("datetime.datetime(")
		fmt.Fprintf(&w.b, "%d, %d, %d, %d, %d", binary.BigEndian.Uint16(raw), month, raw[3], raw[4], raw[5])
		w.clockTail(int(raw[6]), us)
		w.fold(fold, zone)
		return true
	case name == "date" && isRaw && len(raw) == 4:
		fmt.Fprintf(&w.b, "datetime.date(%d, %d, %d)", binary.BigEndian.Uint16(raw), raw[2], raw[3])
		return true
	case name == "time" && isRaw && len(raw) == 6:
		us := int(raw[3])<<16 | int(raw[4])<<8 | int(raw[5])
		fmt.Fprintf(&w.b, "datetime.time(%d, %d", raw[0]&0x7F, raw[1])
		w.clockTail(int(raw[2]), us)
		w.fold(raw[0]&0x80 != 0, zone)
		return true
	case name == "timedelta" && len(o.Args) == 3:
		return w.timedelta(o)
	case name == "timezone" && len(o.Args) == 1:
		if d, ok := o.Args[0].(*Object); ok && d.Is("datetime", "timedelta") && isZero(d.Args) {
			w.b.WriteString("datetime.timezone.utc")
			return true
		}
		w.sequence("datetime.timezone(", o.Args, 0, ")", depth)
		return true
	}
	return false
}

func (w *writer) fold(fold bool, zone func()) {
	if fold {
		w.b.WriteString(", fold=1")
	}
	zone()
	w.b.WriteByte(')')
}

func (w *writer) clockTail(seconds, us int) {
	if seconds != 0 || us != 0 {
		fmt.Fprintf(&w.b, ", %d", seconds)
	}
	if us != 0 {
		fmt.Fprintf(&w.b, ", %d", us)
	}
}

func isZero(args []Value) bool {
	for _, a := range args {
		if n, ok := a.(int64); !ok || n != 0 {
			return false
		}
	}
	return true
}

func (w *writer) timedelta(o *Object) bool {
	var parts []string
	for i, label := range []string{"days", "seconds", "microseconds"} {
		n, ok := argument[int64](o, i)
		if !ok {
			return false
		}
		if n != 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", label, n))
		}
	}
	if len(parts) == 0 {
		parts = []string{"0"}
	}
	w.b.WriteString("datetime.timedelta(" + strings.Join(parts, ", ") + ")")
	return true
}

// called writes what a method of a class makes: a time zone of zoneinfo. The
// rest has no name.
func (w *writer) called(o *Object) {
	if f, ok := o.Callable.(*Object); ok && (f.Is("builtins", "getattr") || f.Is("__builtin__", "getattr")) {
		class, ok1 := argument[*Global](f, 0)
		method, ok2 := argument[string](f, 1)
		key, ok3 := argument[string](o, 0)
		if ok1 && ok2 && ok3 && class.Module == "zoneinfo" && class.Name == "ZoneInfo" && method == "_unpickle" {
			w.b.WriteString("zoneinfo.ZoneInfo(key=")
			w.str(key)
			w.b.WriteByte(')')
			return
		}
	}
	w.b.WriteString("<object>")
}
