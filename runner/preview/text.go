package preview

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Text is what the value consists of, in lines of plain text: a table and the
// types of its columns, parts, or first values. "" where the summary says all.
func (d *Description) Text() string {
	var b strings.Builder
	switch {
	case d.Table != nil:
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, row := range append([][]string{d.Table.Columns}, d.Table.Rows...) {
			fmt.Fprintln(w, visible(strings.Join(row, "\t")))
		}
		_ = w.Flush() // a Builder takes everything
		for _, c := range d.Column {
			fmt.Fprintf(&b, "%s: %s\n", visible(c.Name), visible(c.Dtype))
		}
	case len(d.Parts) > 0:
		for _, p := range d.Parts {
			if p.Name != "" {
				b.WriteString(visible(p.Name) + ": ")
			}
			b.WriteString(visible(p.Summary) + "\n")
		}
		if d.More > 0 {
			fmt.Fprintf(&b, "and %d more\n", d.More)
		}
	case d.Value != "" && d.Value != d.Summary:
		b.WriteString(visible(d.Value) + "\n")
	}
	return b.String()
}

// visible takes from a line what could steer a terminal; tabs divide cells.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' {
			return '?'
		}
		return r
	}, s)
}
