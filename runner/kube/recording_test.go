package kube

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// recording is what a real cluster said about one task. TestClusterTakesEachTask…
// with -update makes it anew.
type recording struct {
	Jobs   []batchv1.Job
	Pods   []corev1.Pod
	Events []corev1.Event
}

func readRecording(t *testing.T, name string) recording {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(content, &r); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}
