package flow

import "testing"

func TestHasWord(t *testing.T) {
	for src, want := range map[string]bool{
		"Flow": true, "mf.Flow('X')": true, "from metaflow import Flow as F": true, "FlowSpec, Flow)": true, "éFlow": true,
		"": false, "FlowSpec": false, "TrainFlow": false, "_Flow": false, "Flow2 FlowSpec": false,
	} {
		if got := hasWord([]byte(src), "Flow"); got != want {
			t.Errorf("%q: %v", src, got)
		}
	}
}
