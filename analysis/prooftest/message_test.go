package prooftest

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"flowls/internal/venv"
)

// lintMessages are the message templates in metaflow/lint.py, by check.
var lintMessages = sync.OnceValues(func() (map[string][]string, error) {
	root, err := venv.Root()
	if err != nil {
		return nil, err
	}
	out, err := venv.Output(filepath.Join(root, "analysis/prooftest/testdata/messages.py"))
	if err != nil {
		return nil, err
	}
	var messages map[string][]string
	return messages, json.Unmarshal(out, &messages)
})

// placeholder is a hole in a template: of % or of str.format.
var placeholder = regexp.MustCompile(`%[sd]|\{[^}]*\}`)

// messageMatches tells whether an output holds one of the messages. Metaflow
// indents what it prints and drops asterisks.
func messageMatches(templates []string, output string) bool {
	flat := strings.Join(strings.Fields(output), " ")
	return slices.ContainsFunc(templates, func(template string) bool {
		template = strings.Join(strings.Fields(strings.ReplaceAll(template, "*", "")), " ")
		rest := flat
		for _, piece := range placeholder.Split(template, -1) {
			_, after, found := strings.Cut(rest, strings.ReplaceAll(piece, "%%", "%"))
			if !found {
				return false
			}
			rest = after
		}
		return true
	})
}

func TestLintMessagesAreRead(t *testing.T) {
	messages, err := lintMessages()
	if err != nil {
		t.Fatal(err)
	}
	if len(messages) < 15 {
		t.Errorf("metaflow/lint.py has messages for %d checks", len(messages))
	}
}
