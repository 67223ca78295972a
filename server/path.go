package server

import (
	"path/filepath"

	"go.lsp.dev/uri"
)

// filePath is the cleaned path of a file URI, "" for every other document
// (untitled:, vscode-notebook-cell:, …) and for a file on another host.
func filePath(u uri.URI) string {
	if !u.IsFile() || u.Authority() != "" {
		return ""
	}
	path := u.FsPath()
	if path == "" || !filepath.IsAbs(path) {
		return ""
	}
	return filepath.Clean(path)
}
