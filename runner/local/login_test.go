package local

import (
	"os/exec"
	"strings"
	"testing"
)

func TestLoginName(t *testing.T) {
	out, _ := exec.Command("id", "-un").Output() // fails where the user has no name
	if got, want := LoginName(t.Context()), strings.TrimSpace(string(out)); got != want {
		t.Errorf("login name %q, want %q", got, want)
	}
}
