// Package archtest holds the import rules of the project, as a test.
package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// goPackage is the part of `go list -json` that the rules look at.
type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string // transitive, without those of tests
}

// boundary is one rule: packages inside of must not reach a package inside to.
type boundary struct {
	name string
	from func(path string) bool
	to   func(path string) bool
	// direct rules look at direct imports only; the others look at everything
	// that ends up linked in.
	direct bool
	// testsMay lets tests import what the package itself may not.
	testsMay bool
}

// within reports whether a package is root or below it.
func within(roots ...string) func(string) bool {
	return func(path string) bool {
		return slices.ContainsFunc(roots, func(root string) bool {
			return path == root || strings.HasPrefix(path, root+"/")
		})
	}
}

// ours reports whether a package belongs to this module, outside the given roots.
func oursExcept(roots ...string) func(string) bool {
	return func(path string) bool {
		return within("flowls")(path) && !within(roots...)(path)
	}
}

var (
	treeSitter = within("github.com/smacker/go-tree-sitter", "github.com/tree-sitter")
	lsp        = within("go.lsp.dev")
	kubernetes = within("k8s.io")
	aws        = within("github.com/aws", "flowls/runner/store/s3")
	// beyond is what talks to something beyond the machine. wire, the words of the agent, does not.
	beyond = func(path string) bool {
		return path == "flowls/runner/agent" || within("net/http", "flowls/runner/runstate/service", "github.com/creachadair/jrpc2")(path)
	}
)

// The rules of ARCHITECTURE.md.
var boundaries = []boundary{
	{name: "analysis knows neither server nor runner", from: within("flowls/analysis"), to: within("flowls/server", "flowls/runner")},
	{name: "analysis does no I/O over the network and starts no process", from: within("flowls/analysis"), to: within("net", "os/exec"), direct: true, testsMay: true},
	{name: "runner knows nothing of the server", from: within("flowls/runner"), to: within("flowls/server")},
	{name: "runner knows nothing of LSP", from: within("flowls/runner"), to: lsp},
	{name: "analysis knows nothing of LSP", from: within("flowls/analysis"), to: lsp},
	{name: "only server imports go.lsp.dev", from: oursExcept("flowls/server"), to: lsp, direct: true},
	{name: "only analysis/syntax imports tree-sitter", from: oursExcept("flowls/analysis/syntax"), to: treeSitter, direct: true},
	{name: "the server opens no socket: the agent does", from: within("flowls/server"), to: beyond, testsMay: true},
	{name: "runs on this machine are read without the network", from: func(path string) bool { return path == "flowls/runner/runstate" || path == "flowls/runner/local" }, to: beyond, testsMay: true},
	{name: "what only the agent needs costs flowls no start", from: func(path string) bool { return path == "flowls/cmd/flowls" }, to: func(path string) bool { return beyond(path) || aws(path) || kubernetes(path) }, testsMay: true},
	{name: "every kind of Kubernetes is not linked", from: within("flowls"), to: within("k8s.io/client-go/kubernetes"), testsMay: true},
	{name: "only runner/kube imports client-go", from: oursExcept("flowls/runner/kube"), to: kubernetes, direct: true},
	{name: "the language server does not reach S3", from: within("flowls/server"), to: aws},
	{name: "only runner/store/s3 imports the AWS SDK", from: oursExcept("flowls/runner/store/s3"), to: within("github.com/aws"), direct: true},
}

// violations lists, sorted, each import that a rule forbids.
func violations(packages []goPackage, rules []boundary) []string {
	var found []string
	for _, p := range packages {
		for _, rule := range rules {
			if !rule.from(p.ImportPath) {
				continue
			}
			reached := slices.Clone(p.Imports)
			if !rule.testsMay {
				reached = append(append(reached, p.TestImports...), p.XTestImports...)
			}
			if !rule.direct {
				reached = append(reached, p.Deps...)
			}
			slices.Sort(reached)
			for _, path := range slices.Compact(reached) {
				if rule.to(path) {
					found = append(found, fmt.Sprintf("%s: %s imports %s", rule.name, p.ImportPath, path))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// list returns all packages of the module.
func list(t *testing.T) []goPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "flowls/...")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func TestImportRules(t *testing.T) {
	packages := list(t)
	// A rule about a package that no longer exists would pass for ever.
	for _, root := range []string{"flowls/analysis", "flowls/analysis/syntax", "flowls/runner/kube"} {
		if !slices.ContainsFunc(packages, func(p goPackage) bool { return p.ImportPath == root }) {
			t.Errorf("package %s is gone: the rules need a look", root)
		}
	}
	for _, violation := range violations(packages, boundaries) {
		t.Error(violation)
	}
}

// Each rule catches what it was made for, and lets the allowed case pass.
func TestImportRulesCatch(t *testing.T) {
	tests := map[string]struct {
		from, to string
		want     bool
	}{
		"analysis to server":       {"flowls/analysis/rule", "flowls/server", true},
		"analysis to runner":       {"flowls/analysis", "flowls/runner/local", true},
		"analysis to lsp":          {"flowls/analysis/text", "go.lsp.dev/protocol", true},
		"analysis to exec":         {"flowls/analysis/catalog", "os/exec", true},
		"runner to server":         {"flowls/runner/local", "flowls/server/fakeeditor", true},
		"runner to lsp":            {"flowls/runner/runstate", "go.lsp.dev/uri", true},
		"cli to lsp":               {"flowls/internal/cli", "go.lsp.dev/protocol", true},
		"server to lsp":            {"flowls/server", "go.lsp.dev/protocol", false},
		"flow to tree-sitter":      {"flowls/analysis/flow", "github.com/smacker/go-tree-sitter", true},
		"flow to new tree-sitter":  {"flowls/analysis/flow", "github.com/tree-sitter/go-tree-sitter", true},
		"syntax to tree-sitter":    {"flowls/analysis/syntax", "github.com/smacker/go-tree-sitter/python", false},
		"server to the network":    {"flowls/server", "net/http", true},
		"server to the agent":      {"flowls/server/agentlink", "flowls/runner/agent", true},
		"server to its words":      {"flowls/server/agentlink", "flowls/runner/agent/wire", false},
		"agent to the network":     {"flowls/runner/agent", "net/http", false},
		"kube to the clientset":    {"flowls/runner/kube", "k8s.io/client-go/kubernetes", true},
		"server to client-go":      {"flowls/server", "k8s.io/client-go/rest", true},
		"kube to client-go":        {"flowls/runner/kube", "k8s.io/client-go/rest", false},
		"server to s3":             {"flowls/server", "flowls/runner/store/s3", true},
		"runstate to aws":          {"flowls/runner/runstate", "github.com/aws/aws-sdk-go-v2/aws", true},
		"cli to s3":                {"flowls/internal/cli", "flowls/runner/store/s3", false},
		"server to analysis":       {"flowls/server", "flowls/analysis", false},
		"server to runner":         {"flowls/server", "flowls/runner/local", false},
		"a name that starts alike": {"flowls/analysis/flow", "flowls/serverless", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := goPackage{ImportPath: test.from, Imports: []string{"fmt", test.to}}
			if got := violations([]goPackage{p}, boundaries); (len(got) > 0) != test.want {
				t.Errorf("violations = %v, want any: %v", got, test.want)
			}
		})
	}
}

// Imports of tests count, except where a rule says otherwise.
func TestImportRulesCatchTests(t *testing.T) {
	for path, want := range map[string]int{"flowls/runner/local": 1, "os/exec": 0} {
		p := goPackage{ImportPath: "flowls/analysis/flow", XTestImports: []string{path}}
		if got := violations([]goPackage{p}, boundaries); len(got) != want {
			t.Errorf("test imports %s: violations = %v, want %d", path, got, want)
		}
	}
}

// A forbidden package that is reached through others counts too.
func TestImportRulesCatchIndirect(t *testing.T) {
	p := goPackage{ImportPath: "flowls/runner/local", Imports: []string{"flowls/internal/x"}, Deps: []string{"flowls/internal/x", "go.lsp.dev/protocol"}}
	if got := violations([]goPackage{p}, boundaries); len(got) != 1 {
		t.Errorf("violations = %v, want one", got)
	}
}
