package cli

import (
	"flowls/internal/near"
	"fmt"
	"io"

	"flowls/analysis"
	"flowls/internal/source"

	"github.com/spf13/cobra"
)

func graphCommand(s Streams) *cobra.Command {
	var format, name string
	cmd := &cobra.Command{
		Use:     "graph FILE",
		Short:   "Draw the step graph of a flow",
		Long:    "Draw the step graph of a flow; FILE may be - for standard input. A flow with mistakes is drawn as it stands,\nsteps that do not exist are dashed.",
		Example: "  flowls graph flow.py --format svg > flow.svg",
		Args:    exactly(1, "one file"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("format", format, "mermaid", "dot", "json", "svg"); err != nil {
				return err
			}
			path := args[0]
			doc, err := graphSource(&path, s.In)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			defer doc.Close()
			i, err := pickFlow(path, name, doc)
			if err != nil {
				return err
			}
			return draw(s.Out, format, doc, i)
		},
	}
	cmd.Flags().StringVar(&format, "format", "mermaid", "output: mermaid, dot, json or svg")
	cmd.Flags().StringVar(&name, "flow", "", "`NAME` of the flow, when the file has several")
	return cmd
}

// graphSource analyses the file, or standard input, which it names.
func graphSource(path *string, in io.Reader) (*analysis.Document, error) {
	if *path == "-" {
		*path = stdinName
		src, err := source.Read(in)
		if err != nil {
			return nil, err
		}
		return analysis.New(src), nil
	}
	sites := newSites()
	site := sites.at(*path)
	t, err := sites.read(site, *path)
	if err != nil {
		return nil, err
	}
	return analyse(site, t), nil
}

// pickFlow returns the number of the flow that is meant.
func pickFlow(path, name string, doc *analysis.Document) (int, error) {
	var names []string
	for i, f := range doc.File.Flows {
		if f.Name == name {
			return i, nil
		}
		names = append(names, f.Name)
	}
	switch {
	case len(names) == 0:
		return 0, fmt.Errorf("%s holds no flow", path)
	case name != "":
		return 0, usageError{fmt.Errorf("%s holds no flow %q, only %s", path, name, near.Join(names, "and"))}
	case len(names) > 1:
		return 0, usageError{fmt.Errorf("%s holds several flows: choose one of %s by --flow", path, near.Join(names, "and"))}
	}
	return 0, nil
}

func draw(w io.Writer, format string, doc *analysis.Document, i int) error {
	g := doc.Graphs[i]
	var out string
	switch format {
	case "mermaid":
		out = g.Mermaid()
	case "dot":
		out = g.DOT()
	case "svg":
		out = g.SVG()
	case "json":
		b, err := g.JSON(doc.File)
		if err != nil {
			return err
		}
		out = string(b)
	}
	_, err := io.WriteString(w, out)
	return err
}
