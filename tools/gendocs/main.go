// Command gendocs writes docs/settings.md, docs/protocol-extensions.md and the
// configuration of extension-vscode/package.json from the Go types of the
// server. A test of package server fails when they are stale.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"flowls/server"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

func run() error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	manifest := filepath.Join(root, "extension-vscode", "package.json")
	before, err := os.ReadFile(manifest)
	if err != nil {
		return err
	}
	after, err := server.PackageJSON(before)
	if err != nil {
		return err
	}
	for path, content := range map[string][]byte{
		filepath.Join(root, "docs", "settings.md"):            []byte(server.SettingsMarkdown()),
		filepath.Join(root, "docs", "protocol-extensions.md"): []byte(server.ProtocolMarkdown()),
		manifest: after,
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// moduleRoot is the folder of go.mod, in or above the current one.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.mod above the current folder")
		}
		dir = parent
	}
}
