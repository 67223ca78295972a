package preflight

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Amount is an amount of a resource in thousandths of its unit: cores, bytes,
// pieces. Kubernetes rounds finer ones up.
type Amount int64

// Amounts are by resource, named as Kubernetes does.
type Amounts map[string]Amount

// The resources that are not extended ones.
const (
	CPU    = "cpu"
	Memory = "memory"
	Disk   = "ephemeral-storage"
)

// extended resources are counted in whole pieces, and cannot be shared.
func extended(resource string) bool {
	return resource != CPU && resource != Memory && resource != Disk
}

// units are those that Kubernetes knows.
var units = map[string]float64{
	"": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
	"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60,
}

// ParseAmount reads a quantity as Kubernetes writes it: "0.5", "500m", "10Gi".
func ParseAmount(s string) (Amount, bool) {
	end := strings.LastIndexAny(s, "0123456789.") + 1
	number, unit := s[:end], s[end:]
	factor, known := units[unit]
	if !known || !plainNumber(number) || unit != "" && strings.ContainsAny(number, "eE") {
		return 0, false
	}
	f, err := strconv.ParseFloat(number, 64)
	return amountOf(f * factor), err == nil
}

// plainNumber: Go, as Python, reads more than Kubernetes does.
func plainNumber(s string) bool {
	digits, exponent, found := strings.Cut(strings.ToLower(s), "e")
	if found {
		if _, err := strconv.Atoi(exponent); err != nil {
			return false
		}
	}
	digits = strings.TrimPrefix(digits, "+")
	return strings.Trim(digits, "0123456789.") == "" && strings.Trim(digits, ".") != "" && strings.Count(digits, ".") <= 1
}

func amountOf(units float64) Amount {
	// What is off by less than a millionth is a fault of the floating point.
	if f := math.Ceil(units*1000 - 1e-6); f < math.MaxInt64 {
		return Amount(f)
	}
	return math.MaxInt64
}

// Units is an amount of so many units.
func Units(units int64) Amount {
	if units > math.MaxInt64/1000 {
		return math.MaxInt64
	}
	return Amount(units * 1000)
}

// text writes an amount as people ask for it: Metaflow's megabytes are decimal.
func (a Amount) text(resource string) string {
	switch resource {
	case CPU:
		return a.number() + " CPU"
	case Memory, Disk:
		return a.bytes()
	}
	return a.number() + " `" + resource + "`"
}

// Words are the same beside other resources.
func (a Amount) Words(resource string) string {
	switch resource {
	case Memory:
		return a.bytes() + " of memory"
	case Disk:
		return a.bytes() + " of disk"
	}
	return a.text(resource)
}

func (a Amount) number() string { return strconv.FormatFloat(float64(a)/1000, 'f', -1, 64) }

func (a Amount) bytes() string {
	n := int64(a) / 1000
	for _, unit := range []struct {
		name string
		size int64
	}{{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}} {
		if n >= unit.size {
			s := strconv.FormatFloat(float64(n)/float64(unit.size), 'f', 1, 64)
			return strings.TrimSuffix(s, ".0") + " " + unit.name
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
