// Command genrules writes docs/rules: a page for each rule, and their list.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"flowls/internal/cli"
)

//go:generate go run flowls/tools/genrules

func main() {
	if err := generate(filepath.Join("..", "..", "docs", "rules")); err != nil {
		fmt.Fprintln(os.Stderr, "genrules:", err)
		os.Exit(1)
	}
}

// generate writes the pages into dir and removes pages of rules that are gone.
func generate(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range cli.RulePages() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
