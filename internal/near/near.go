// Package near suggests names for one that is not known.
package near

import (
	"slices"
	"strings"
)

// DidYouMean returns "; did you mean `x`?" with the names near to what was
// written, "" if none is near.
func DidYouMean(written string, names []string) string {
	close := Names(written, names)
	if len(close) == 0 {
		return ""
	}
	for i := range close {
		close[i] = "`" + close[i] + "`"
	}
	return "; did you mean " + Join(close, "or") + "?"
}

// Names returns at most three names that differ from written by few letters or
// begin with it, the nearest first.
func Names(written string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	written = strings.ToLower(written)
	limit := max(1, len(written)/3)
	var all []candidate
	for _, n := range names {
		if len(written)-len(n) > limit { // it may be as long as a file
			continue
		}
		lower := strings.ToLower(n)
		d := distance(written, lower)
		if len(written) >= 3 && strings.HasPrefix(lower, written) {
			d = min(d, 1)
		}
		if d <= limit {
			all = append(all, candidate{n, d})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return a.distance - b.distance })
	var out []string
	for _, c := range all[:min(3, len(all))] {
		out = append(out, c.name)
	}
	return out
}

// distance counts the letters to insert, delete or replace to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// Join makes "a, b or c".
func Join(items []string, last string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " " + last + " " + items[len(items)-1]
}

// Short is what was written, cut to what fits into a message.
func Short(written string) string {
	const most = 60
	if len(written) <= most {
		return written
	}
	return strings.ToValidUTF8(written[:most], "") + "…"
}
