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
