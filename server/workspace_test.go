package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/analysis/text"
	"flowls/server/fakeeditor"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

const (
	wholeBase = `from metaflow import FlowSpec, step


class BaseFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.fit)

    @step
    def end(self):
        pass
`
	derived = `from base import BaseFlow
from metaflow import step


class Train(BaseFlow):
    @step
    def fit(self):
        self.next(self.end)


if __name__ == "__main__":
    Train()
`
)

// folder is a workspace on disk.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replaced swaps the first occurrence of a text in a buffer.
func replaced(b *fakeeditor.Buffer, old, new string) {
	at := strings.Index(b.Text(), old)
	b.Edit(text.Edit{Span: text.Span{Start: at, End: at + len(old)}, New: new})
}

// expect waits for findings with these codes.
func expect(t *testing.T, b *fakeeditor.Buffer, want string) {
	t.Helper()
	if got := codes(b.Diagnostics()); got != want {
		t.Fatalf("%s: found %q, want %q", b.URI, got, want)
	}
}

// until waits until the findings have these codes.
func until(t *testing.T, b *fakeeditor.Buffer, want string) {
	t.Helper()
	for codes(b.Diagnostics()) != want {
	}
}

// An edit of a base class shows in the flows that build on it, and nowhere else.
func TestEditOfABase(t *testing.T) {
	dir := folder(t, map[string]string{"base.py": wholeBase})
	e := fakeeditor.Start(t, fakeeditor.Options{Folders: []string{dir}})
	flow := e.Open(uri.File(filepath.Join(dir, "flow.py")), derived)
	expect(t, flow, "")
	alone := e.Open(uri.File(filepath.Join(dir, "alone.py")), wholeBase+"\n\nclass Alone(BaseFlow):\n    pass\n")
	alone.Diagnostics()

	base := e.Open(uri.File(filepath.Join(dir, "base.py")), wholeBase)
	expect(t, base, "MF002") // the steps of others are missing
	expect(t, flow, "")      // the editor's text took the place of the file's
	replaced(base, "def end", "def ende")
	base.Diagnostics()
	expect(t, flow, "") // held while one types
	expect(t, flow, "MF102 MF104 MF107")
	replaced(base, "def ende", "def end")
	base.Diagnostics()
	expect(t, flow, "")

	replaced(base, "pass", "pass  # said")
	base.Diagnostics()
	expect(t, flow, "")
	base.Close() // what is on disk counts again
	e.Await(protocol.MethodTextDocumentPublishDiagnostics, nil)
	expect(t, flow, "")
	replaced(alone, "pass", "pass  # nobody builds on this")
	alone.Diagnostics() // and an answer about another file would be a message that nobody looked at
}

// A file that appears, changes or goes away on disk.
func TestBaseChangesOnDisk(t *testing.T) {
	dir := folder(t, nil)
	e := fakeeditor.Start(t, fakeeditor.Options{Folders: []string{dir}})
	flow := e.Open(uri.File(filepath.Join(dir, "flow.py")), derived)
	expect(t, flow, "MF002")
	path := filepath.Join(dir, "base.py")
	changed := func(kind protocol.FileChangeType) {
		e.Notify(protocol.MethodWorkspaceDidChangeWatchedFiles, &protocol.DidChangeWatchedFilesParams{
			Changes: []protocol.FileEvent{{URI: uri.File(path), Type: kind}, {URI: uri.File(filepath.Join(dir, "other.py")), Type: kind}}})
	}
	write(t, path, wholeBase)
	changed(protocol.FileChangeTypeCreated)
	expect(t, flow, "")
	write(t, path, wholeBase[:len(wholeBase)-len("    @step\n    def end(self):\n        pass\n")])
	changed(protocol.FileChangeTypeChanged)
	expect(t, flow, "MF102 MF107")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	changed(protocol.FileChangeTypeDeleted)
	expect(t, flow, "MF002")
}

// Without a client that watches files, the next edit sees the change.
func TestBaseChangesUnwatched(t *testing.T) {
	dir := folder(t, map[string]string{"base.py": wholeBase})
	e := fakeeditor.Start(t, fakeeditor.Options{Folders: []string{dir}, Capabilities: func(c *protocol.ClientCapabilities) {
		c.Workspace.DidChangeWatchedFiles = nil
	}})
	flow := e.Open(uri.File(filepath.Join(dir, "flow.py")), derived)
	expect(t, flow, "")
	if err := os.Remove(filepath.Join(dir, "base.py")); err != nil {
		t.Fatal(err)
	}
	replaced(flow, "self.next(self.end)", "self.next(self.end)  # said")
	flow.Diagnostics()
	expect(t, flow, "MF002")
}

// A folder that is added to the workspace brings its modules.
func TestFolderBringsModules(t *testing.T) {
	dir := folder(t, map[string]string{"base.py": wholeBase})
	e := fakeeditor.Start(t, fakeeditor.Options{})
	flow := e.Open(uri.File(filepath.Join(dir, "flows", "flow.py")), derived)
	expect(t, flow, "MF002")
	e.Notify(protocol.MethodWorkspaceDidChangeWorkspaceFolders, &protocol.DidChangeWorkspaceFoldersParams{
		Event: protocol.WorkspaceFoldersChangeEvent{Added: []protocol.WorkspaceFolder{{URI: uri.File(dir), Name: "w"}}}})
	expect(t, flow, "")
}

// Two files that import each other are analysed side by side without waiting
// for each other.
func TestImportsInACircle(t *testing.T) {
	dir := folder(t, nil)
	e := fakeeditor.Start(t, fakeeditor.Options{Folders: []string{dir}})
	base := e.Open(uri.File(filepath.Join(dir, "base.py")), "from flow import Train\n"+wholeBase)
	flow := e.Open(uri.File(filepath.Join(dir, "flow.py")), derived)
	for range 20 {
		replaced(base, "pass", "pass ")
		replaced(flow, "self.next(self.end)", "self.next(self.end) ")
	}
	base.Diagnostics()
	e.Ignored = append(e.Ignored, protocol.MethodTextDocumentPublishDiagnostics)
	replaced(flow, "step\n", "step  # said\n")
	expect(t, flow, "")
}

// Nothing reads the workspace before somebody asks; then a flow that appears
// on disk is taken into account.
func TestNamesFollowTheDisk(t *testing.T) {
	dir := folder(t, map[string]string{"other.py": "x = 1\n"})
	e := fakeeditor.Start(t, fakeeditor.Options{Folders: []string{dir}})
	const asks = "from metaflow import FlowSpec, Flow, step\n\n\nclass Report(FlowSpec):\n    @step\n    def start(self):\n        print(Flow(\"TrainFlw\"))\n"
	flow := e.Open(uri.File(filepath.Join(dir, "flow.py")), asks)
	e.Ignored = append(e.Ignored, protocol.MethodTextDocumentPublishDiagnostics) // before and after the workspace was read, or after
	until(t, flow, "")
	path := filepath.Join(dir, "train.py")
	tell := func(kind protocol.FileChangeType) {
		e.Notify(protocol.MethodWorkspaceDidChangeWatchedFiles, &protocol.DidChangeWatchedFilesParams{Changes: []protocol.FileEvent{{URI: uri.File(path), Type: kind}}})
	}
	write(t, path, strings.ReplaceAll(asks, "Report", "TrainFlow"))
	tell(protocol.FileChangeTypeCreated)
	until(t, flow, "MF701")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	tell(protocol.FileChangeTypeDeleted)
	until(t, flow, "")
}

// What another file builds on is checked there: once the workspace is read, and
// as long as such a file is on disk and the file does not run the flow itself.
func TestBaseOfOthers(t *testing.T) {
	const part = "from metaflow import FlowSpec, step\n\n\nclass Ingest(FlowSpec):\n    @step\n    def start(self):\n        print(self.TABLE)\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n"
	const use = "from lib.parts import Ingest\n\n\nclass Orders(Ingest):\n    TABLE = 1\n"
	dir := folder(t, map[string]string{"lib/parts.py": part, "use.py": use, "base.py": wholeBase})
	e := fakeeditor.Start(t, fakeeditor.Options{Folders: []string{dir}})
	e.Ignored = append(e.Ignored, protocol.MethodTextDocumentPublishDiagnostics, protocol.MethodWorkspaceCodeLensRefresh) // before and after the workspace was read, or after
	parts := e.Open(uri.File(filepath.Join(dir, "lib", "parts.py")), part)
	until(t, parts, "")
	replaced(parts, "self.TABLE", "self.TABLES")
	expect(t, parts, "")
	tell := func(name string) {
		e.Notify(protocol.MethodWorkspaceDidChangeWatchedFiles, &protocol.DidChangeWatchedFilesParams{
			Changes: []protocol.FileEvent{{URI: uri.File(filepath.Join(dir, name)), Type: protocol.FileChangeTypeChanged}}})
	}
	write(t, filepath.Join(dir, "use.py"), strings.ReplaceAll(use, "Ingest", "Other"))
	tell("use.py")
	until(t, parts, "MF201")
	write(t, filepath.Join(dir, "use.py"), strings.Replace(use, "lib.parts", "lib", 1))
	write(t, filepath.Join(dir, "lib", "__init__.py"), "from .parts import *\n")
	tell("lib/__init__.py")
	tell("use.py")
	until(t, parts, "")
	replaced(parts, "        pass\n", "        pass\n\n\nif __name__ == \"__main__\":\n    Ingest()\n")
	until(t, parts, "MF201")
}

// Flows and steps of the workspace by name; of an open file as the editor has it.
func TestWorkspaceSymbols(t *testing.T) {
	dir := folder(t, map[string]string{"base.py": wholeBase, "flow.py": "# not what the editor has\n", "é.py": strings.Replace(wholeBase, "class BaseFlow", "é = 1; \nclass Accent", 1), "notes.txt": wholeBase})
	e := fakeeditor.Start(t, fakeeditor.Options{Folders: []string{dir}})
	flow := e.Open(uri.File(filepath.Join(dir, "flow.py")), derived)
	expect(t, flow, "")
	for query, want := range map[string]string{
		"":          "BaseFlow base.py:3 start/BaseFlow base.py:5 end/BaseFlow base.py:9 Train flow.py:4 fit/Train flow.py:6 Accent é.py:4 start/Accent é.py:6 end/Accent é.py:10",
		"trn":       "Train flow.py:4 fit/Train flow.py:6",
		"basee":     "end/BaseFlow base.py:9",
		"train.fit": "fit/Train flow.py:6",
		"nothing":   "",
	} {
		var found protocol.SymbolInformationSlice
		e.Call(protocol.MethodWorkspaceSymbol, &protocol.WorkspaceSymbolParams{Query: query}, &found)
		var list []string
		for _, s := range found {
			name := s.Name
			if s.ContainerName != nil {
				name += "/" + *s.ContainerName
			}
			list = append(list, fmt.Sprintf("%s %s:%d", name, filepath.Base(s.Location.URI.FsPath()), s.Location.Range.Start.Line))
		}
		got, expected := list, strings.Fields(want)
		slices.Sort(got)
		var pairs []string
		for i := 0; i+1 < len(expected); i += 2 {
			pairs = append(pairs, expected[i]+" "+expected[i+1])
		}
		slices.Sort(pairs)
		if !slices.Equal(got, pairs) {
			t.Errorf("%q: %q, want %q", query, got, pairs)
		}
	}
}
