package server_test

import (
	"os"
	"strings"
	"testing"

	"flowls/server"
)

// Generated files are the ones that the code would generate.
func TestDocsAreFresh(t *testing.T) {
	manifest := "../extension-vscode/package.json"
	before, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	after, err := server.PackageJSON(before)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		manifest:                         string(after),
		"../docs/settings.md":            server.SettingsMarkdown(),
		"../docs/protocol-extensions.md": server.ProtocolMarkdown(),
	} {
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("%s is stale (%v): run go generate ./server", path, err)
		}
	}
}

// A request without documentation is as good as none.
func TestEveryRequestIsDocumented(t *testing.T) {
	for _, method := range server.CustomRequests() {
		if !strings.Contains(server.ProtocolMarkdown(), "### `"+method+"`") {
			t.Errorf("%s is not in requestDocs", method)
		}
	}
}
