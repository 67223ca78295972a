package preview

import (
	"fmt"
	"math"
	"strings"
	"time"

	"flowls/runner/pickle"
)

// moment is n units after 1970; digits are those of the fraction of a second
// that the unit has.
func moment(n int64, unit string) (t time.Time, digits int, ok bool) {
	per := map[string]int64{"W": 7 * 86400, "D": 86400, "h": 3600, "m": 60, "s": 1}
	if seconds, ok := per[unit]; ok {
		if n > math.MaxInt64/seconds/2 || n < math.MinInt64/seconds/2 {
			return t, 0, false
		}
		return time.Unix(n*seconds, 0).UTC(), 0, true
	}
	switch unit {
	case "ms":
		return time.UnixMilli(n).UTC(), 3, true
	case "us":
		return time.UnixMicro(n).UTC(), 6, true
	case "ns":
		return time.Unix(floorDiv(n, 1e9), n-floorDiv(n, 1e9)*1e9).UTC(), 9, true
	}
	return t, 0, false
}

// stamp writes a Timestamp of pandas.
func stamp(n int64, unit string, zone *time.Location) string {
	if n == math.MinInt64 {
		return "NaT"
	}
	t, _, ok := moment(n, unit)
	if !ok {
		return fmt.Sprint(n)
	}
	layout := "2006-01-02 15:04:05" + fraction(int64(t.Nanosecond()))
	if zone != nil {
		t, layout = t.In(zone), layout+"-07:00"
	}
	return t.Format(layout)
}

// fraction is what str of Python's times has behind the seconds: six digits or
// nine, or nothing.
func fraction(ns int64) string {
	switch {
	case ns == 0:
		return ""
	case ns%1000 == 0:
		return fmt.Sprintf(".%06d", ns/1000)
	}
	return fmt.Sprintf(".%09d", ns)
}

// span writes a Timedelta of pandas.
func span(n int64, unit string) string {
	if n == math.MinInt64 {
		return "NaT"
	}
	t, _, ok := moment(n, unit)
	if !ok {
		return fmt.Sprint(n)
	}
	days := floorDiv(t.Unix(), 86400)
	rest := t.Unix() - days*86400
	sign := ""
	if days < 0 {
		sign = "+"
	}
	return fmt.Sprintf("%d days %s%02d:%02d:%02d%s", days, sign, rest/3600, rest/60%60, rest%60, fraction(int64(t.Nanosecond())))
}

// zone is the time zone that an object stands for, and its name; nil if it is not known here.
func zone(v pickle.Value) (*time.Location, string) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil, ""
	}
	g := o.Class()
	switch {
	case o.Is("pytz", "_UTC"), g != nil && g.Name == "UTC" && g.Module == "pytz":
		return time.UTC, "UTC"
	case o.Is("datetime", "timezone"):
		if d, ok := first[*pickle.Object](o.Args); ok && d.Is("datetime", "timedelta") {
			days, ok1 := nth[int64](d.Args, 0)
			seconds, ok2 := nth[int64](d.Args, 1)
			if ok1 && ok2 && days >= -1 && days <= 1 {
				offset := int(days*86400 + seconds)
				if offset == 0 {
					return time.UTC, "UTC"
				}
				sign, abs := '+', offset
				if offset < 0 {
					sign, abs = '-', -offset
				}
				name := fmt.Sprintf("UTC%c%02d:%02d", sign, abs/3600, abs/60%60)
				return time.FixedZone(name, offset), name
			}
		}
	}
	// pytz._p("Europe/Berlin", …), zoneinfo.ZoneInfo._unpickle("Europe/Berlin", 1), dateutil
	name, ok := first[string](o.Args)
	if !ok || len(name) > 64 || strings.HasPrefix(name, "/") {
		return nil, ""
	}
	if name == "UTC" {
		return time.UTC, name
	}
	if at, err := time.LoadLocation(name); err == nil {
		return at, name
	}
	return time.UTC, name // the moment is right, the wall clock is that of UTC
}
