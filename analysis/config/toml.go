package config

import (
	"bytes"
	"errors"
	"strings"

	"flowls/analysis/text"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// value is a value of a TOML file with its place.
type value struct {
	span    text.Span
	kind    kind
	text    string   // of a string
	items   []*value // of an array
	members []member // of a table, as written
}

type member struct {
	name  string
	span  text.Span
	value *value
}

type kind int

const (
	other kind = iota
	stringKind
	arrayKind
	tableKind
)

// readTable gives the table tool.flowls of a TOML file, nil if it has none.
func readTable(src []byte) (*value, *Problem) {
	if !bytes.Contains(src, []byte("flowls")) {
		return nil, nil
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	var all map[string]any // checks what the parser of places does not
	if err := toml.Unmarshal(src, &all); err != nil {
		return nil, &Problem{place(src, err), "This file is not valid TOML: " + strings.TrimPrefix(err.Error(), "toml: ") + "."}
	}
	root := &value{kind: tableKind}
	var p unstable.Parser
	p.Reset(src)
	var table []member // the path of the last header
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = keys(e)
			v := &value{kind: tableKind}
			if e.Kind == unstable.ArrayTable {
				v.kind = other
			}
			root.put(table, v)
		case unstable.KeyValue:
			path := append(table[:len(table):len(table)], keys(e)...)
			if ours(path) {
				root.put(path, newValue(e.Value()))
			}
		}
	}
	if err := p.Error(); err != nil { // cannot be: it is valid
		return nil, &Problem{Message: "This file cannot be read: " + err.Error() + "."}
	}
	return root.member("tool").member("flowls"), nil
}

// ours reports whether a path may lead to tool.flowls, or leads below it.
func ours(path []member) bool {
	return path[0].name == "tool" && (len(path) == 1 || path[1].name == "flowls")
}

func place(src []byte, err error) text.Span {
	var at *toml.DecodeError
	if !errors.As(err, &at) {
		return text.Span{}
	}
	line, column := at.Position()
	t := text.New(src)
	span := t.LineSpan(line - 1)
	span.Start = min(span.End, span.Start+max(0, column-1))
	return span
}

// keys are the parts of a dotted key.
func keys(n *unstable.Node) (path []member) {
	for it := n.Key(); it.Next(); {
		k := it.Node()
		path = append(path, member{name: string(k.Data), span: span(k)})
	}
	return path
}

func span(n *unstable.Node) text.Span {
	return text.Span{Start: int(n.Raw.Offset), End: int(n.Raw.Offset + n.Raw.Length)}
}

func newValue(n *unstable.Node) *value {
	v := &value{span: span(n)}
	switch n.Kind {
	case unstable.String:
		v.kind, v.text = stringKind, string(n.Data)
	case unstable.Array:
		v.kind = arrayKind
		for it := n.Children(); it.Next(); {
			v.items = append(v.items, newValue(it.Node()))
		}
	case unstable.InlineTable:
		v.kind = tableKind
		for it := n.Children(); it.Next(); {
			v.put(keys(it.Node()), newValue(it.Node().Value()))
		}
	}
	return v
}

// put adds a member below the table v. The file is valid, so no path is taken twice.
func (v *value) put(path []member, new *value) {
	for i, m := range path {
		below := v.member(m.name)
		switch {
		case below == nil && i == len(path)-1:
			m.value = new
			v.members = append(v.members, m)
			return
		case below == nil:
			m.value = &value{kind: tableKind}
			v.members = append(v.members, m)
			below = m.value
		}
		v = below
	}
}

// member is that member of a table, nil if there is none.
func (v *value) member(name string) *value {
	if v == nil {
		return nil
	}
	for _, m := range v.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}
