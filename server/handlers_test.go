package server_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

// inline are the methods that run on the read loop to the end, on purpose.
var inline = []string{
	"Initialize", "Initialized", "Shutdown", "Exit",
	"DidOpen", "DidChange", "DidClose", "DidSave",
	"DidChangeConfiguration", "DidChangeWorkspaceFolders", "DidChangeWatchedFiles", "WorkDoneProgressCancel",
}

// TestHandlersBegin: every request handler takes its snapshot and lets go of
// the read loop through begin or beginDocument, exactly once, and nothing else
// calls jsonrpc2.Async, which panics the second time.
func TestHandlersBegin(t *testing.T) {
	files := parseServer(t)
	handlers := 0
	for name, file := range files {
		for _, declaration := range file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			begins, asyncs := count(f)
			if asyncs > 0 && name != "begin.go" {
				t.Errorf("%s: %s calls jsonrpc2.Async itself", name, f.Name.Name)
			}
			if !isHandler(f) || slices.Contains(inline, f.Name.Name) {
				continue
			}
			handlers++
			if begins != 1 {
				t.Errorf("%s: %s calls begin %d times", name, f.Name.Name, begins)
			}
		}
	}
	if handlers < 10 {
		t.Errorf("only %d handlers were found", handlers)
	}
}

func parseServer(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = f
	}
	return files
}

// isHandler: an exported method of server is an LSP method. A custom request
// is a method with raw parameters.
func isHandler(f *ast.FuncDecl) bool {
	if f.Recv == nil || len(f.Type.Params.List) == 0 {
		return false
	}
	star, ok := f.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	receiver, ok := star.X.(*ast.Ident)
	if !ok || receiver.Name != "server" {
		return false
	}
	for _, p := range f.Type.Params.List {
		if s, ok := p.Type.(*ast.SelectorExpr); ok && s.Sel.Name == "RawMessage" && len(f.Type.Params.List) > 1 {
			return true
		}
	}
	return f.Name.IsExported()
}

// count finds the calls of begin and of Async in a function.
func count(f *ast.FuncDecl) (begins, asyncs int) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if s, ok := call.Fun.(*ast.SelectorExpr); ok {
			switch s.Sel.Name {
			case "begin", "beginDocument":
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "s" {
					begins++
				}
			case "Async":
				asyncs++
			}
		}
		return true
	})
	return begins, asyncs
}
