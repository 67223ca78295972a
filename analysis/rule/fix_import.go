package rule

import (
	"slices"
	"strings"

	"flowls/analysis/imports"
	"flowls/analysis/text"
)

// metaflowName is how a name of Metaflow's is written in this file, and the
// edits that import it if need be; "" when something else has that name.
func (c *checker) metaflowName(name string, at int) (written string, edits []text.Edit) {
	im := imports.Of(c.file.Text.Bytes())
	written, edits = im.Write(name)
	if _, bound := c.flow.Resolve(name, at); edits != nil && bound {
		return "", nil
	}
	edits = slices.Clone(edits)
	for i := range edits {
		edits[i].New = strings.ReplaceAll(edits[i].New, "\n", c.file.Text.LineEnding())
	}
	return written, edits
}

// importFix has the file import a name of Metaflow's that stands in a place, or
// write it as the file has it.
func (c *checker) importFix(name string, at text.Span) []Fix {
	switch written, edits := c.metaflowName(name, at.Start); {
	case len(edits) > 0:
		return []Fix{{Title: "Import " + name + " from metaflow", Edits: edits, Preferred: true}}
	case written != "" && written != name:
		return []Fix{replace(at, written, "Change to "+written)}
	}
	return nil
}
