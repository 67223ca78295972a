package graph

import (
	"bytes"
	"encoding/json"

	"flowls/analysis/flow"
)

// The JSON follows `python flow.py output-raw --json` of Metaflow, names of
// types included: {"graph": {step: {…}}}. It works on broken graphs too, and
// leaves out what only running the file can tell.

type jsonGraph struct {
	Version int                 `json:"version"`
	Flow    string              `json:"flow"`
	Start   *string             `json:"start_step"`
	End     *string             `json:"end_step"`
	Doc     string              `json:"doc"`
	Graph   map[string]jsonNode `json:"graph"`
}

type jsonNode struct {
	Name        string          `json:"name"`
	Type        string          `json:"type"`
	Line        int             `json:"line"`           // of def, 1-based
	File        string          `json:"file,omitempty"` // if it is not that of the flow
	Doc         string          `json:"doc"`
	Decorators  []jsonDecorator `json:"decorators"`
	Next        []string        `json:"next"`
	Foreach     *string         `json:"foreach_artifact,omitempty"`
	NumParallel int             `json:"num_parallel,omitempty"`
	Condition   string          `json:"condition,omitempty"`
	Cases       cases           `json:"switch_cases,omitempty"`
	Join        string          `json:"matching_join,omitempty"`
}

type jsonDecorator struct {
	Name string `json:"name"`
}

// cases keeps the order in which the flow writes them.
type cases []flow.Case

func (c cases) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range c {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(one.Key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(one.Target.Name)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// JSON writes the graph as one indented document; file is what the flow is in.
func (g *Graph) JSON(file *flow.File) ([]byte, error) {
	out := jsonGraph{Version: 1, Flow: g.Flow.Name, Doc: g.Flow.Doc, Graph: map[string]jsonNode{}}
	for _, end := range []struct {
		node *Node
		to   **string
	}{{g.Start, &out.Start}, {g.End, &out.End}} {
		if end.node != nil {
			*end.to = &end.node.Step.Name
		}
	}
	for name, n := range g.Nodes {
		j := jsonNode{
			Name: name, Type: rawType(n), Line: file.Line(n.Step.DefSpan.Start) + 1, File: n.Step.File, Doc: n.Step.Doc,
			Decorators: []jsonDecorator{}, Next: append([]string{}, n.Out...), Join: n.MatchingJoin,
		}
		for _, d := range n.Step.Decorators {
			j.Decorators = append(j.Decorators, jsonDecorator{d.Name})
		}
		if t := n.Step.Next; t != nil {
			switch t.Kind {
			case flow.Foreach:
				if t.Foreach != "" {
					j.Foreach = &t.Foreach
				}
			case flow.NumParallel:
				j.NumParallel = t.NumParallel
			case flow.Switch:
				j.Condition, j.Cases = t.Condition, cases(t.Cases)
			}
		}
		out.Graph[name] = j
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(out)
	return b.Bytes(), err
}

// rawType is the name that Metaflow's JSON gives to a type.
func rawType(n *Node) string {
	switch n.Type {
	case Unknown:
		return "unknown"
	case Split:
		return "split-static"
	case Foreach:
		if n.Step.Next != nil && n.Step.Next.Kind == flow.NumParallel {
			return "split-parallel"
		}
		return "split-foreach"
	}
	return string(n.Type)
}
