package rule

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// misplaced says where a function is that a transition means but that is no
// step of the flow; "" if the file has none of that name.
func (c *checker) misplaced(name string) (message string, at text.Span) {
	if methods := c.flow.Methods[name]; len(methods) > 0 {
		if !methods[0].Step && !methods[0].Property && !methods[0].Static {
			return fmt.Sprintf("`%s` is no step: the method lacks `@step`. Add the decorator above it.", name), methods[0].NameSpan
		}
		return "", at
	}
	if c.defs == nil {
		c.defs, c.bodies = functionNames(c.file.Text.Bytes()), bodiesOf(c.flow)
	}
	for _, def := range c.defs[name] {
		if def.top && !c.flow.Owns(def.at) {
			return fmt.Sprintf("`%s` is a function of the module, not a method of `%s`. Indent it, as the other steps are.", name, c.flow.Name), def.at
		}
		if s := stepAround(c.bodies, def.at); s != nil {
			return fmt.Sprintf("`%s` is defined inside of `%s`, so it is no step. Move it out, to the indentation of the other steps.", name, s.Name), def.at
		}
	}
	return "", at
}

// functionName is the name behind a def that begins a line; top: without indentation.
type functionName struct {
	at  text.Span
	top bool
}

// mostDefs bounds how many functions of a name are looked at.
const mostDefs = 32

// functionNames finds the functions of a text, in strings too, by name.
func functionNames(src []byte) map[string][]functionName {
	found := map[string][]functionName{}
	for start := 0; start < len(src); {
		end := len(src)
		if n := bytes.IndexByte(src[start:], '\n'); n >= 0 {
			end = start + n
		}
		line := src[start:end]
		code := bytes.TrimLeft(line, " \t")
		if rest, ok := bytes.CutPrefix(code, []byte("def")); ok && len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
			head := bytes.TrimLeft(rest, " \t")
			if open := bytes.IndexByte(head, '('); open >= 0 {
				name := bytes.TrimRight(head[:open], " \t")
				at := start + len(line) - len(head)
				if list := found[string(name)]; len(list) < mostDefs {
					found[string(name)] = append(list, functionName{text.Span{Start: at, End: at + len(name)}, len(code) == len(line)})
				}
			}
		}
		start = end + 1
	}
	return found
}

// bodiesOf are the steps of a flow by where their bodies begin.
func bodiesOf(f *flow.Flow) []*flow.Step {
	steps := slices.Clone(f.Steps)
	slices.SortFunc(steps, func(a, b *flow.Step) int { return cmp.Compare(a.BodySpan.Start, b.BodySpan.Start) })
	return steps
}

// stepAround is the step in whose body a place is, nil if it is in none.
func stepAround(steps []*flow.Step, at text.Span) *flow.Step {
	i, _ := slices.BinarySearchFunc(steps, at.Start+1, func(s *flow.Step, at int) int { return cmp.Compare(s.BodySpan.Start, at) })
	if i > 0 && at.End <= steps[i-1].BodySpan.End {
		return steps[i-1]
	}
	return nil
}
