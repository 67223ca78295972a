package server

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/preflight"
	"flowls/server/agentlink"
	"flowls/server/kubestep"
)

// scope is what of a flow is compared with which cluster.
type scope struct {
	covers  func(step string) bool
	options local.Options
	access  wire.KubeAccess
	// backend is what Metaflow launches with; what it lacks goes to the findings.
	backend func(context.Context, *checkedFlow, local.Options) (local.Backend, error)
	// within bounds the whole; 0: the cluster may take its time.
	within time.Duration
}

// compared is how the steps of a scope stand.
type compared struct {
	*comparison
	notes []string
	late  bool // the cluster was not asked for all of it
}

// errLate: the cluster has not said in time what it has.
var errLate = errors.New("the cluster does not answer in time")

// before compares a flow, or some of its steps, with a cluster, as a launch with
// these options would find it. What is found is published, and stays until the
// user clears it or compares again.
func (p *kubePreflight) before(ctx context.Context, t flowTarget, sc scope) (compared, error) {
	o := sc.options
	checked := &checkedFlow{access: sc.access, with: withKubernetes(o.With), profile: o.Profile, steps: map[string]verdict{}}
	f := t.view.File.Flows[t.index]
	inScope := func(all []*kubestep.Step) []*kubestep.Step {
		return slices.DeleteFunc(all, func(s *kubestep.Step) bool { return !sc.covers(s.Request.Step) })
	}
	backend, err := sc.backend(ctx, checked, o)
	if err != nil {
		return compared{}, err
	}
	var requests []preflight.Request
	for _, s := range inScope(stepsOf(f, checked.with, p.settingsOf(t.dir(), o.Profile))) {
		requests = append(requests, s.Request)
	}
	var result compared
	if err := p.ask(ctx, t, checked, requests, backend, sc.within, &result); err != nil {
		return compared{}, err
	}
	p.mu.Lock()
	p.checked[t.key] = checked
	p.mu.Unlock()
	p.s.diags.wake(t.key.uri)
	result.comparison = p.comparison(t.view, f, checked)
	result.steps = inScope(result.steps)
	return result, nil
}

// backend looks for what Metaflow launches with, on this machine. What is missing
// is a finding about the flow.
func (p *kubePreflight) backend(ctx context.Context, call commandCall, t flowTarget, o local.Options, checked *checkedFlow) (local.Backend, error) {
	lacks := func(kind preflight.Kind, err error) {
		checked.flow = append(checked.flow, preflight.Finding{Kind: kind, Message: userText(err)})
	}
	l := &p.s.runs.launcher
	interpreter, err := findInterpreter(call, t.script)
	if err == nil {
		err = l.hasMetaflow(ctx, interpreter)
	}
	if err != nil {
		lacks(preflight.NoPackage, err)
		return local.Backend{}, ctx.Err()
	}
	b, err := l.backend(ctx, local.Spec{Interpreter: interpreter, Dir: t.dir(), Options: o})
	if err != nil {
		lacks(preflight.NoPackage, err)
		return local.Backend{}, ctx.Err()
	}
	if err := backendRefusal(b, interpreter); err != nil {
		kind := preflight.NoDataStore
		if b.Root != "" && !b.Kubernetes {
			kind = preflight.NoPackage
		}
		lacks(kind, err)
	}
	return b, nil
}

// withKubernetes is what a launch adds to the steps.
func withKubernetes(with []string) []string {
	if slices.ContainsFunc(with, func(spec string) bool { name, _, _ := strings.Cut(spec, ":"); return name == "kubernetes" }) {
		return with
	}
	return append(slices.Clone(with), "kubernetes")
}

const (
	// commandAge is how old an inventory may be that a command is answered with.
	commandAge = 5 * time.Second
	// agentGrace is what the agent may take to answer once its time is over.
	agentGrace = time.Second
)

// ask has the agent ask the cluster. That the cluster does not answer is a finding,
// not an error: a launch would fail too.
func (p *kubePreflight) ask(ctx context.Context, t flowTarget, checked *checkedFlow, requests []preflight.Request, backend local.Backend, within time.Duration, result *compared) error {
	namespaces := map[string]bool{}
	for _, name := range p.needed() {
		namespaces[name] = true
	}
	for _, r := range requests {
		if r.Namespace != "" {
			namespaces[r.Namespace] = true
		}
	}
	patience, last, limit := ctx, ctx, time.Now().Add(within)
	if within > 0 {
		var cancel context.CancelFunc
		last, cancel = context.WithDeadline(ctx, limit.Add(agentGrace))
		defer cancel()
		patience, cancel = context.WithDeadline(last, limit)
		defer cancel()
	}
	err := p.look(patience, checked.access, slices.Sorted(maps.Keys(namespaces)), wire.KubeInventoryParams{MaxAge: int(commandAge.Milliseconds())})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case patience.Err() != nil:
		return errLate
	}
	reached := err == nil
	if said := agentlink.Said(""); !reached && !errors.As(err, &said) {
		return err // of the cluster it says nothing
	}
	if !reached {
		checked.flow = append(checked.flow, preflight.Finding{Kind: preflight.NoCluster, Message: err.Error()})
		p.mu.Lock()
		delete(p.clusters, checked.access) // what it had is no help any more
		p.mu.Unlock()
	}
	view := p.cluster(checked.access)
	if view != nil {
		result.notes = append(result.notes, view.problems...)
	}
	params := wire.KubeCheckParams{Where: wire.Where{Dir: t.dir()}, Access: checked.access, Store: backend.Store, Root: backend.Root, Profile: checked.profile}
	settings := p.settingsOf(t.dir(), checked.profile)
	params.JobSet = settings.Text("METAFLOW_KUBERNETES_JOBSET_GROUP") + "/" + settings.Text("METAFLOW_KUBERNETES_JOBSET_VERSION")
	if reached {
		params.Requests = p.promising(view, requests)
	}
	if within > 0 { // what the cluster has said by then counts
		params.Within = max(1, int(time.Until(limit).Milliseconds()))
	}
	var reply wire.KubeCheckReply
	if err := p.s.remote.link.Call(last, wire.KubeCheck, params, &reply); err != nil {
		if ctx.Err() == nil && last.Err() != nil { // another check of the cluster goes on
			return errLate
		}
		return err
	}
	result.late = reply.Late
	checked.flow = append(checked.flow, reply.Findings[""]...)
	result.notes = append(result.notes, reply.Notes...)
	for i := range requests {
		r := &requests[i]
		checked.steps[r.Step] = verdict{requestKey(r), reply.Findings[r.Step]}
	}
	return nil
}

// promising are the requests of which the cluster itself may know more than we:
// those in namespaces that exist.
func (p *kubePreflight) promising(view *clusterView, requests []preflight.Request) []preflight.Request {
	return slices.DeleteFunc(slices.Clone(requests), func(r preflight.Request) bool {
		return view != nil && view.inventory.In[r.Namespace].Missing
	})
}
