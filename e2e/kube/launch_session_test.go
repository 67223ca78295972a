//go:build e2ekube

package kube

import (
	"strings"
	"testing"
)

func TestAnEditorLaunchesTheFanOut(t *testing.T) {
	s := newSession(t, "fan_out.py", "FanOutFlow", nil)
	id := s.launch("flowls.run", map[string]any{"options": map[string]any{"with": []string{"kubernetes"}}})
	info := s.succeeded(id)
	if !strings.Contains(s.logs(), "[pod t-") {
		t.Errorf("no task says that it ran in a pod:\n%s", s.logs())
	}
	if info.MetaflowRunID == "" || len(s.namespace.jobs()) != 7 {
		t.Errorf("%d jobs, run %+v", len(s.namespace.jobs()), info)
	}
}
