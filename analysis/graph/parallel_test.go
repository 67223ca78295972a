package graph_test

import (
	"fmt"
	"testing"

	"flowls/analysis"
	"flowls/analysis/catalog"
)

// decorated is the node of a step below one decorator.
func decorated(t *testing.T, imports, decorator string) (parallel, maybe bool) {
	t.Helper()
	src := fmt.Sprintf("from metaflow import FlowSpec, step\n%s\nclass F(FlowSpec):\n    @%s\n    @step\n    def start(self):\n        pass\n", imports, decorator)
	doc := analysis.New([]byte(src))
	defer doc.Close()
	n := doc.Graphs[0].Nodes["start"]
	if n == nil {
		t.Fatalf("no step in %s", src)
	}
	return n.ParallelStep, n.MaybeParallel
}

// Every step decorator of Metaflow is either parallel or not; only a name that
// Metaflow does not have, an extension's, may be both.
func TestParallelDecorators(t *testing.T) {
	for _, d := range append(catalog.Default().StepDecorators(), catalog.Default().ExtensionSteps...) {
		parallel, maybe := decorated(t, "from metaflow import "+d.Name, d.Name)
		if parallel != d.Parallel || maybe {
			t.Errorf("@%s: parallel %v, maybe %v; the catalogue says %v", d.Name, parallel, maybe, d.Parallel)
		}
	}
	for imports, name := range map[string]string{
		"from metaflow import gang_of_workers":  "gang_of_workers",
		"import metaflow":                       "metaflow.gang_of_workers(nodes=2)",
		"from our_tools import gang_of_workers": "gang_of_workers",
	} {
		if parallel, maybe := decorated(t, imports, name); parallel || !maybe {
			t.Errorf("%s, @%s: parallel %v, maybe %v; want only maybe", imports, name, parallel, maybe)
		}
	}
}
