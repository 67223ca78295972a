package server

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/runner/agent/wire"
	"flowls/runner/preflight"
	"flowls/runner/store"
	"flowls/server/kubestep"

	"go.lsp.dev/uri"
)

func init() {
	featureMakers = append(featureMakers, func(s *server) Feature { return newKubePreflight(s) })
}

// kubePreflight compares steps with what a cluster has. What it has comes from
// the agent: after a command, or, where the user switched that on, again and
// again in the background. The comparison itself is made anew for each version
// of a document, from what is known by then, and waits for nothing.
type kubePreflight struct {
	NoFeature
	s *server

	start  sync.Once     // of the loop, when the setting is on and a step needs it
	wakeUp chan struct{} // one slot

	mu       sync.Mutex
	clusters map[wire.KubeAccess]*clusterView
	checked  map[flowKey]*checkedFlow
	needs    map[uri.URI]map[string]bool // namespaces that the steps of a document name
	settings map[string]keptSettings     // of Metaflow, by folder and profile
	verdicts map[string][]preflight.Finding
	settled  KubernetesSettings // as they were last
	trusted  bool
}

// clusterView is what is known of a cluster. It never changes: a newer one takes
// its place.
type clusterView struct {
	inventory *preflight.Inventory
	version   string
	problems  []string
}

// checkedFlow is a flow that the user had compared by command: it stays compared,
// with the cluster as it was then or is known by now, until the user clears that.
type checkedFlow struct {
	access  wire.KubeAccess
	with    []string // what a launch would add to the steps
	profile string
	// flow is what concerns all steps; steps what the cluster itself said, about
	// requests as they were.
	flow  []preflight.Finding
	steps map[string]verdict
}

type verdict struct {
	request string // as key gives it
	found   []preflight.Finding
}

type keptSettings struct {
	store.Settings
	at time.Time
}

const (
	// settingsAge is how long Metaflow's configuration files are not looked at again.
	settingsAge = 3 * time.Second
	// maxVerdicts bounds the comparisons that are kept.
	maxVerdicts = 4096
)

func newKubePreflight(s *server) *kubePreflight {
	p := &kubePreflight{
		s: s, wakeUp: make(chan struct{}, 1), clusters: map[wire.KubeAccess]*clusterView{}, checked: map[flowKey]*checkedFlow{},
		needs: map[uri.URI]map[string]bool{}, settings: map[string]keptSettings{}, verdicts: map[string][]preflight.Finding{},
	}
	s.kubePreflight = p
	return p
}

// Start notes the settings that the session began with.
func (p *kubePreflight) Start() {
	now := p.s.session.Snapshot().Settings
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settled, p.trusted = now.Kubernetes, now.Trusted
}

// Closed forgets what the user had compared: the findings go with the document.
func (p *kubePreflight) Closed(u uri.URI) {
	defer p.kick() // what nobody needs any more is not followed
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.needs, u)
	for key := range p.checked {
		if key.uri == u {
			delete(p.checked, key)
		}
	}
}

// Configured: the switch may be on now, or another cluster chosen.
func (p *kubePreflight) Configured(now Settings) {
	p.mu.Lock()
	same := p.settled == now.Kubernetes && p.trusted == now.Trusted
	p.settled, p.trusted = now.Kubernetes, now.Trusted
	p.mu.Unlock()
	if !same {
		p.kick()
		p.s.wakeAll()
	}
}

func (p *kubePreflight) kick() {
	select {
	case p.wakeUp <- struct{}{}:
	default:
	}
}

// live: the user wants to be told while typing.
func live(s Settings) bool { return s.Trusted && s.Kubernetes.Preflight }

// Diagnostics are what would keep the steps of a document from running.
func (p *kubePreflight) Diagnostics(v *view) []rule.Diagnostic {
	var found []rule.Diagnostic
	needs := map[string]bool{}
	for _, f := range v.File.Flows {
		if f.Abstract {
			continue
		}
		checked := p.checkedFlow(flowKey{v.doc.URI, f.Name})
		if checked == nil && !live(v.snapshot.Settings) {
			continue
		}
		c := p.comparison(v, f, checked)
		for _, step := range c.steps {
			needs[step.Request.Namespace] = true
		}
		found = append(found, c.diagnostics()...)
	}
	p.need(v.doc.URI, needs, live(v.snapshot.Settings))
	return p.s.configuration.apply(v, v.Keep(found))
}

func (p *kubePreflight) checkedFlow(key flowKey) *checkedFlow {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.checked[key]
}

// comparison is a flow at one version of its document, beside a cluster.
type comparison struct {
	view    *view
	flow    *flow.Flow
	checked *checkedFlow
	steps   []*kubestep.Step
	found   map[string][]preflight.Finding // by step; "" for the flow
}

// comparison compares with what is known by now; checked is nil while typing only.
func (p *kubePreflight) comparison(v *view, f *flow.Flow, checked *checkedFlow) *comparison {
	access, with, profile := accessOf(v.snapshot.Settings), []string(nil), ""
	if checked != nil {
		access, with, profile = checked.access, checked.with, checked.profile
	}
	c := &comparison{view: v, flow: f, checked: checked, found: map[string][]preflight.Finding{}}
	settings := p.settingsOf(workingFolder(v), profile)
	c.steps = stepsOf(f, with, settings)
	view := p.cluster(access)
	if checked != nil {
		c.found[""] = checked.flow
	}
	for _, step := range c.steps {
		name, key := step.Request.Step, requestKey(&step.Request)
		if view != nil {
			c.found[name] = p.compare(view, &step.Request, key)
		}
		if checked != nil && len(c.found[name]) == 0 && checked.steps[name].request == key {
			c.found[name] = checked.steps[name].found
		}
	}
	return c
}

// stepsOf are the steps of a flow that would run on Kubernetes.
func stepsOf(f *flow.Flow, with []string, settings store.Settings) []*kubestep.Step {
	var steps []*kubestep.Step
	for _, s := range f.Steps {
		if step := stepOf(f, s, with, settings); step != nil {
			steps = append(steps, step)
		}
	}
	return steps
}

// stepOf is nil for one that would not run there.
func stepOf(f *flow.Flow, s *flow.Step, with []string, settings store.Settings) *kubestep.Step {
	with = append(slices.Clone(with), fields(settings.Text("METAFLOW_DEFAULT_DECOSPECS"))...)
	return kubestep.Of(f, s, with, settings.Value)
}

// compare is preflight.Check, made once for the same request and cluster.
func (p *kubePreflight) compare(view *clusterView, request *preflight.Request, key string) []preflight.Finding {
	key = view.version + key
	p.mu.Lock()
	found, known := p.verdicts[key]
	p.mu.Unlock()
	if known {
		return found
	}
	found = preflight.Check(view.inventory, request)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.verdicts) >= maxVerdicts {
		clear(p.verdicts)
	}
	p.verdicts[key] = found
	return found
}

// requestKey is the same for requests that a cluster cannot tell apart; where the
// values come from belongs to it, since findings are placed by that.
func requestKey(r *preflight.Request) string {
	raw, err := json.Marshal(struct {
		*preflight.Request
		From map[string]preflight.Origin
	}{r, r.From})
	if err != nil {
		panic(err) // plain values
	}
	return string(raw)
}

func (p *kubePreflight) cluster(access wire.KubeAccess) *clusterView {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.clusters[access]
}

// settingsOf are those of Metaflow in a folder, at most some seconds old.
func (p *kubePreflight) settingsOf(dir, profile string) store.Settings {
	key := dir + "\x00" + profile
	p.mu.Lock()
	kept, known := p.settings[key]
	p.mu.Unlock()
	if known && time.Since(kept.at) < settingsAge {
		return kept.Settings
	}
	kept = keptSettings{store.ReadSettings(dir, os.LookupEnv, profile), time.Now()}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settings[key] = kept
	return kept.Settings
}

// workingFolder is where the flows of a document would be launched.
func workingFolder(v *view) string {
	path := v.doc.Path()
	if path == "" {
		return "/"
	}
	dir := workingDir(path, folderOf(v.snapshot, path))
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return filepath.Dir(path)
	}
	return dir
}

// need remembers which namespaces a document is about, and while the setting is on
// has the loop look at them if they are new.
func (p *kubePreflight) need(u uri.URI, namespaces map[string]bool, live bool) {
	delete(namespaces, "")
	p.mu.Lock()
	same := maps.Equal(p.needs[u], namespaces)
	if len(namespaces) == 0 {
		delete(p.needs, u)
	} else {
		p.needs[u] = namespaces
	}
	p.mu.Unlock()
	if !live || same || len(namespaces) == 0 {
		return
	}
	p.start.Do(func() { p.s.background("cluster", p.loop) })
	p.kick()
}
