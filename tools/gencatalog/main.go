// Command gencatalog writes analysis/catalog/catalog.json from the Metaflow
// that is installed in the project's environment (run `make venv` first).
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"flowls/internal/venv"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gencatalog:", err)
		os.Exit(1)
	}
}

func run() error {
	root, err := venv.Root()
	if err != nil {
		return err
	}
	out, err := venv.Output(filepath.Join(root, "tools", "gencatalog", "gencatalog.py"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "analysis", "catalog", "catalog.json"), out, 0o644)
}
