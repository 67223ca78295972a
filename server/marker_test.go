package server_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowls/server/fakeeditor"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

var update = flag.Bool("update", false, "write the golden sections of testdata/marker")

// TestMarkers runs the archives of testdata/marker, in both position encodings.
// They are the specification of the editor features; marker_parse_test.go says
// how to read them. Sections: flow.py, in whatever folder, is opened; other names
// that end in .py, and .gitignore, are files on disk, in which def names places; flags
// holds words (crlf, bom, typing, indexed); settings.json are the initialization options;
// @name is a golden section.
func TestMarkers(t *testing.T) {
	paths, err := filepath.Glob("../testdata/marker/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			a := readArchive(t, path)
			for _, utf8 := range []bool{false, true} {
				runArchive(t, a, utf8)
			}
		})
	}
}

// markerRun is one archive in one encoding.
type markerRun struct {
	*testing.T
	archive     *archive
	editor      *fakeeditor.Editor
	buffer      *fakeeditor.Buffer
	source      string
	diagnostics []protocol.Diagnostic
	lenses      []protocol.CodeLens
	markers     []marker
	others      []otherFile
	// typing: the code is half-typed, findings are not what the archive is about.
	typing bool
	// indexed: the names of the workspace are known before the file is opened.
	indexed bool
}

// otherFile is a file of the archive that lies on disk.
type otherFile struct {
	uri     uri.URI
	source  string
	markers []marker
}

// files reads the Python files of an archive, writes those that are not opened,
// and gives the folder and the path of the one that is.
func (r *markerRun) files() (folder, path string) {
	r.Helper()
	dir := ""
	for _, s := range r.archive.sections {
		if filepath.Ext(s.name) != ".py" && s.name != ".gitignore" {
			continue
		}
		source, markers := parseMarkers(r.T, s.text)
		if filepath.Base(s.name) == "flow.py" {
			r.source, r.markers, path = source, markers, s.name
			continue
		}
		if dir == "" {
			dir = r.TempDir()
		}
		at := filepath.Join(dir, s.name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			r.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(source), 0o644); err != nil {
			r.Fatal(err)
		}
		r.others = append(r.others, otherFile{uri.File(at), source, markers})
	}
	if path == "" {
		r.Fatal("no section flow.py")
	}
	if dir == "" {
		dir = "/w"
	}
	return dir, filepath.Join(dir, path)
}

func runArchive(t *testing.T, a *archive, utf8 bool) {
	t.Helper()
	r := &markerRun{T: t, archive: a}
	folder, path := r.files()
	r.source = strings.TrimSuffix(r.source, "\\ no newline\n")
	flags, _ := a.section("flags")
	for _, f := range strings.Fields(flags) {
		switch f {
		case "crlf":
			r.source = strings.ReplaceAll(r.source, "\n", "\r\n")
		case "typing":
			r.typing = true
		case "indexed":
			r.indexed = true
		case "bom":
			r.source = "\ufeff" + r.source
		default:
			t.Fatalf("unknown flag %q", f)
		}
	}
	options := fakeeditor.Options{UTF8: utf8}
	if len(r.others) > 0 {
		options.Folders = []string{folder}
	}
	if raw, ok := a.section("settings.json"); ok {
		options.InitializationOptions = json.RawMessage(raw)
	}
	r.editor = fakeeditor.Start(t, options)
	if r.indexed {
		r.editor.Call(protocol.MethodWorkspaceSymbol, &protocol.WorkspaceSymbolParams{}, nil)
	}
	r.buffer = r.editor.Open(uri.File(path), r.source)
	r.run()
	if len(r.others) > 0 { // what the index finds in them may come at any time
		r.editor.Ignored = append(r.editor.Ignored, protocol.MethodTextDocumentPublishDiagnostics)
	}
	r.editor.Close()
}

func (r *markerRun) run() {
	r.Helper()
	r.diagnostics = r.buffer.Diagnostics()
	unseen := slices.Clone(r.diagnostics)
	lensed := false
	for _, m := range r.markers {
		switch m.name {
		case "diag":
			unseen = r.diag(m, unseen)
		case "lens":
			lensed = true
			r.lens(m)
		case "def": // a place with a name, used by others
		default:
			check, ok := checks[m.name]
			if !ok {
				r.Fatalf("%s: unknown marker", m)
			}
			check(r, m)
		}
	}
	for _, d := range unseen {
		if r.typing {
			break
		}
		r.Errorf("no marker expects %s: %v %s", d.Code, d.Range, d.Message)
	}
	for _, l := range r.lenses {
		if lensed {
			r.Errorf("no marker expects the lens %q at %v", l.Command.Title, l.Range)
		}
	}
}

// diag(place, code, "part of the message"…)
func (r *markerRun) diag(m marker, unseen []protocol.Diagnostic) []protocol.Diagnostic {
	r.Helper()
	at := m.place(r.T, r.source)
	for i, d := range unseen {
		if d.Code != protocol.String(m.args[1]) || r.buffer.Offset(d.Range.Start) != at.span.Start ||
			!at.openEnd && r.buffer.Offset(d.Range.End) != at.span.End {
			continue
		}
		for _, part := range m.args[2:] {
			if !strings.Contains(string(d.Message.(protocol.String)), part) {
				r.Errorf("%s: the message is %s", m, d.Message)
			}
		}
		return slices.Delete(unseen, i, i+1)
	}
	r.Errorf("%s: not found", m)
	return unseen
}

// lens(place, "title"…): the lenses on the line of the place, in order.
func (r *markerRun) lens(m marker) {
	r.Helper()
	if r.lenses == nil {
		r.editor.Call(protocol.MethodTextDocumentCodeLens,
			&protocol.CodeLensParams{TextDocument: protocol.TextDocumentIdentifier{URI: r.buffer.URI}}, &r.lenses)
	}
	at := m.place(r.T, r.source)
	var titles []string
	r.lenses = slices.DeleteFunc(r.lenses, func(l protocol.CodeLens) bool {
		here := r.buffer.Offset(l.Range.Start) == at.span.Start
		if here {
			titles = append(titles, l.Command.Title)
		}
		return here
	})
	if !slices.Equal(titles, m.args[1:]) {
		r.Errorf("%s: lenses are %q", m, titles)
	}
}

// golden compares with a section of the archive.
func (r *markerRun) golden(m marker, name, got string) {
	r.Helper()
	got = strings.ReplaceAll(got, "\r\n", "\n")
	if !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	want, ok := r.archive.section(name)
	if got == want {
		return
	}
	if *update {
		r.archive.set(r.T, name, got)
		return
	}
	if !ok {
		r.Errorf("%s: the archive has no section %s; got\n%s", m, name, got)
		return
	}
	r.Errorf("%s: got\n%s\nwant\n%s", m, got, want)
}

// named finds the places that def markers name, in any file of the archive.
func (r *markerRun) named(m marker, names []string) []protocol.Location {
	r.Helper()
	var places []protocol.Location
	for _, name := range names {
		places = append(places, r.definitionOf(m, name))
	}
	return places
}

func (r *markerRun) definitionOf(m marker, name string) protocol.Location {
	r.Helper()
	names := func(d marker) bool { return d.name == "def" && d.args[1] == name }
	if i := slices.IndexFunc(r.markers, names); i >= 0 {
		return protocol.Location{URI: r.buffer.URI, Range: r.buffer.Range(r.markers[i].place(r.T, r.source).span)}
	}
	for _, o := range r.others {
		if i := slices.IndexFunc(o.markers, names); i >= 0 {
			return protocol.Location{URI: o.uri, Range: r.editor.Range(o.source, o.markers[i].place(r.T, o.source).span)}
		}
	}
	r.Fatalf("%s: no def marker %q", m, name)
	return protocol.Location{}
}
