package server

import (
	"context"
	"path/filepath"
	"strings"
	"sync"

	"flowls/analysis/config"
	"flowls/analysis/rule"
	"flowls/internal/project"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// configuration decides about the findings of the rules, by the editor's
// settings and the pyproject.toml above a file. It reads these files, never
// what an editor has made of them and not saved.
type configuration struct {
	server *server
	loader *project.Loader

	mu sync.Mutex
	// wrong holds, by path, the projects whose problems are published.
	wrong map[string]*project.Project
}

func newConfiguration(s *server) *configuration {
	return &configuration{server: s, loader: project.NewLoader(), wrong: map[string]*project.Project{}}
}

// apply gives what is left of the findings in a document.
func (c *configuration) apply(v *view, found []rule.Diagnostic) []rule.Diagnostic {
	layers := []config.Layer{v.snapshot.rules}
	if path := v.doc.Path(); path != "" {
		p := c.loader.Folder(filepath.Dir(path))
		c.met(p)
		layers = append(layers, p.In(path))
	}
	return config.Apply(found, layers...)
}

// met has the problems of a project published; the user hears of them once.
func (c *configuration) met(p *project.Project) {
	if p == nil || len(p.Problems) == 0 {
		return
	}
	c.mu.Lock()
	was := c.wrong[p.File]
	c.wrong[p.File] = p
	c.mu.Unlock()
	if was == nil {
		c.server.client.showMessage(protocol.MessageTypeWarning, "flowls: "+p.File+": "+p.Problems[0].Message)
	}
	if was != p {
		c.server.diags.wake(uri.File(p.File))
	}
}

// refresh looks at the files again, in the background, and publishes anew what
// depends on one that is no longer what it was.
func (c *configuration) refresh() {
	c.server.background("configuration files", func(context.Context) {
		if !c.loader.Refresh() {
			return
		}
		c.mu.Lock()
		for path := range c.wrong {
			p := c.loader.Folder(filepath.Dir(path))
			if p == nil || p.File != path || len(p.Problems) == 0 {
				delete(c.wrong, path)
				c.server.diags.wake(uri.File(path))
			}
		}
		c.mu.Unlock()
		c.server.wakeAll()
	})
}

// problems are what is wrong in a file, if it is a project's.
func (c *configuration) problems(u uri.URI) []protocol.Diagnostic {
	c.mu.Lock()
	p := c.wrong[filePath(u)]
	c.mu.Unlock()
	if p == nil {
		return nil
	}
	m := mapper{p.Text, c.server.session.encoding}
	var out []protocol.Diagnostic
	for _, problem := range p.Problems {
		out = append(out, protocol.Diagnostic{
			Range: m.rangeOf(problem.Span), Severity: protocol.DiagnosticSeverityWarning,
			Source: protocol.NewOptional(checkSource), Message: protocol.String(problem.Message),
		})
	}
	return out
}

// wakeAll has the findings of every open document published again.
func (s *server) wakeAll() {
	for u := range s.session.Snapshot().documents {
		s.diags.wake(u)
	}
}

// setRules makes the editor's settings ready for use in a snapshot that is
// being changed, and gives what is wrong with them that was not before.
func (s *Snapshot) setRules() string {
	rules, wrong := config.FromLists(s.Settings.Select, s.Settings.Ignore, s.Settings.Severity)
	news := strings.Join(wrong, " ")
	if news == s.rulesWrong {
		news = ""
	}
	s.rules, s.rulesWrong = rules, strings.Join(wrong, " ")
	if news == "" {
		return ""
	}
	return "flowls: the setting " + news
}
