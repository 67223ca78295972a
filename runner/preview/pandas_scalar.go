package preview

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"flowls/runner/pickle"
)

// units of a Timestamp by the number that pandas pickles.
func stampUnit(n int64) string {
	return map[int64]string{7: "s", 8: "ms", 9: "us", 10: "ns"}[n]
}

// plainText is what str of Python gives for a scalar of pandas, and for the
// scalars of the standard library and numpy whose str differs from their repr.
func plainText(o *pickle.Object) (string, bool) {
	g := o.Global()
	if g == nil {
		return "", false
	}
	switch {
	case isPandas(g, "_unpickle_timestamp"): // (value, freq, zone, unit)
		return timestampText(o)
	case isPandas(g, "_timedelta_unpickle"):
		n, ok := nth[int64](o.Args, 0)
		unit := "ns"
		if u, ok := nth[int64](o.Args, 1); ok {
			unit = stampUnit(u)
		}
		return span(n, unit), ok
	case isPandas(g, "__nat_unpickle", "_nat_unpickle"):
		return "NaT", true
	case isPandas(g, "Interval") && len(o.Args) == 3:
		closed, ok := nth[string](o.Args, 2)
		return interval(objectCell(o.Args[0]).text, objectCell(o.Args[1]).text, closed), ok
	case isPandas(g, "Period") && len(o.Args) == 3:
		n, ok := nth[int64](o.Args, 2)
		if !ok {
			return "", false
		}
		return periodText(n, offsetName(o.Args[1]))
	case g.Name == "scalar" && strings.HasPrefix(g.Module, "numpy"):
		if d := describeNumpyScalar(o); d != nil {
			return d.Value, true
		}
	}
	return standardText(o, g)
}

// standardText is str of dates, decimals and the like.
func standardText(o *pickle.Object, g *pickle.Global) (string, bool) {
	switch g.Module + "." + g.Name {
	case "decimal.Decimal":
		return nth[string](o.Args, 0)
	case "uuid.UUID":
		text, complete := pickle.Repr(o, 100)
		return strings.TrimSuffix(strings.TrimPrefix(text, "UUID('"), "')"), complete && strings.HasPrefix(text, "UUID('")
	case "datetime.date", "datetime.datetime":
		c, ok := pickle.Data(firstOf(o.Args))
		if !ok || len(o.Args) > 1 {
			return "", false
		}
		p := c.Head()
		switch len(p) {
		case 4:
			return fmt.Sprintf("%04d-%02d-%02d", int(p[0])<<8|int(p[1]), p[2], p[3]), true
		case 10:
			t := time.Date(int(p[0])<<8|int(p[1]), time.Month(p[2]&0x7F), int(p[3]), int(p[4]), int(p[5]), int(p[6]), (int(p[7])<<16|int(p[8])<<8|int(p[9]))*1000, time.UTC)
			return t.Format("2006-01-02 15:04:05" + fraction(int64(t.Nanosecond()))), true
		}
	}
	return "", false
}

func timestampText(o *pickle.Object) (string, bool) {
	n, ok := nth[int64](o.Args, 0)
	if !ok {
		return "", false
	}
	unit := "ns"
	if u, ok := nth[int64](o.Args, 3); ok {
		unit = stampUnit(u)
	}
	if len(o.Args) > 2 && o.Args[2] != nil {
		at, _ := zone(o.Args[2])
		if at == nil {
			return "", false
		}
		return stamp(n, unit, at), true
	}
	return stamp(n, unit, nil), true
}

// scalarName is the class of a scalar by the function that makes it.
func scalarName(g *pickle.Global) string {
	switch g.Name {
	case "_unpickle_timestamp":
		return "pandas._libs.tslibs.timestamps.Timestamp"
	case "_timedelta_unpickle":
		return "pandas._libs.tslibs.timedeltas.Timedelta"
	case "__nat_unpickle", "_nat_unpickle":
		return "pandas._libs.tslibs.nattype.NaTType"
	}
	return g.Module + "." + g.Name
}

// offsetName is the short name of a frequency.
func offsetName(v pickle.Value) string {
	o, ok := v.(*pickle.Object)
	if !ok || o.Global() == nil {
		text, _ := v.(string)
		return strings.TrimSuffix(strings.TrimPrefix(text, "period["), "]")
	}
	name := map[string]string{
		"YearEnd": "Y", "QuarterEnd": "Q", "MonthEnd": "M", "Week": "W", "BusinessDay": "B", "Day": "D", "Hour": "h", "Minute": "min", "Second": "s",
		"Milli": "ms", "Micro": "us", "Nano": "ns",
	}[o.Global().Name]
	if n, ok := first[int64](o.Args); ok && n != 1 {
		name = strconv.FormatInt(n, 10) + name
	}
	return name
}

func periodName(t *pickle.Object) string {
	if t == nil {
		return "period"
	}
	return "period[" + offsetName(firstOf(t.Args)) + "]"
}

// periodText writes the nth period since 1970 of the frequencies whose names are dates.
func periodText(n int64, freq string) (string, bool) {
	switch freq {
	case "Y":
		return fmt.Sprintf("%04d", 1970+n), true
	case "Q":
		return fmt.Sprintf("%04dQ%d", 1970+floorDiv(n, 4), n-floorDiv(n, 4)*4+1), true
	case "M":
		return fmt.Sprintf("%04d-%02d", 1970+floorDiv(n, 12), n-floorDiv(n, 12)*12+1), true
	case "D":
		t, _, ok := moment(n, "D")
		return t.Format("2006-01-02"), ok
	}
	return "", false
}

func periodColumn(a *ndarray, c column) column {
	freq := strings.TrimSuffix(strings.TrimPrefix(c.dtype, "period["), "]")
	c.at = func(i int64) (cell, bool) {
		index := []int64{i}
		if len(a.shape) == 2 {
			index = []int64{i / max(a.shape[1], 1), i % max(a.shape[1], 1)}
		}
		n, ok := a.int(index...)
		if !ok {
			return cell{}, false
		}
		text, ok := periodText(n, freq)
		return cell{text: text}, ok
	}
	return c
}
