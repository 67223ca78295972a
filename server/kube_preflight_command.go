package server

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/preflight"
	"flowls/server/kubestep"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

const (
	commandPreflight      = "flowls.preflight"
	commandClearPreflight = "flowls.clearPreflight"
)

// PreflightArgument is the argument of flowls.preflight.
type PreflightArgument struct {
	URI     uri.URI     `json:"uri" doc:"The flow's document."`
	Flow    string      `json:"flow" doc:"Name of the flow."`
	Step    string      `json:"step,omitempty" doc:"The only step to look at; absent means all."`
	Options *RunOptions `json:"options,omitempty" doc:"How Metaflow would run it: with and profile count."`
}

// PreflightResult is the answer of flowls.preflight.
type PreflightResult struct {
	Findings []PreflightFinding `json:"findings" doc:"What would keep the flow or a step from running; also published as diagnostics."`
	Notes    []string           `json:"notes" doc:"What works less well, and what could not be compared."`
	Steps    []string           `json:"steps" doc:"Steps that were compared. Those with a decorator that is not Metaflow's are not: it may change the others."`
}

// PreflightFinding is one of them.
type PreflightFinding struct {
	Code     string `json:"code" doc:"Code of the rule."`
	Severity string `json:"severity" doc:"error, warning or info. What is an error keeps it from running for sure."`
	Step     string `json:"step,omitempty" doc:"Name of the step; absent for the flow as a whole."`
	Argument string `json:"argument,omitempty" doc:"Argument of the decorator that asks for it."`
	Message  string `json:"message" doc:"What is wrong, and what would do."`
}

func init() {
	commandTable = append(commandTable,
		define(commandPreflight, "Compares a flow with the cluster: data store, packages, permissions, and for each step whether the namespace and some node have what it asks for. It reads the kubeconfig and asks the cluster through `flowls agent`; nothing is made there.", true, checkAgainstCluster),
		define(commandClearPreflight, "Takes what the comparison with the cluster found out of the code.", false, clearPreflight),
	)
}

func checkAgainstCluster(ctx context.Context, call commandCall, a PreflightArgument) (PreflightResult, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err != nil {
		return PreflightResult{}, err
	}
	if a.Step != "" {
		if err := t.step(a.Step); err != nil {
			return PreflightResult{}, err
		}
	}
	s := call.server
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	progress := s.progress.begin(ctx, call.token, "Check "+t.flow+" against the cluster", cancel)
	outcome := "failed"
	defer func() { progress.end(outcome) }()
	result, err := s.kubePreflight.before(ctx, call, t, a.Step, a.Options)
	if err != nil {
		return result, remoteError(ctx, err)
	}
	outcome = result.summary(t.flow)
	s.client.showMessage(result.kind(), outcome)
	return result, nil
}

// before compares a flow, or one step of it, with the cluster of the settings, as
// a launch with these options would find it. What is found is published, and
// stays until the user clears it or compares again.
func (p *kubePreflight) before(ctx context.Context, call commandCall, t flowTarget, only string, options *RunOptions) (PreflightResult, error) {
	o := options.local()
	checked := &checkedFlow{access: accessOf(call.snapshot.Settings), with: withKubernetes(o.With), profile: o.Profile, steps: map[string]verdict{}}
	f := t.view.File.Flows[t.index]
	settings := p.settingsOf(t.dir(), o.Profile)
	steps := stepsOf(f, checked.with, settings)
	if only != "" {
		steps = slices.DeleteFunc(steps, func(s *kubestep.Step) bool { return s.Request.Step != only })
	}
	result := PreflightResult{Findings: []PreflightFinding{}, Notes: []string{}, Steps: []string{}}
	backend, err := p.backend(ctx, call, t, o, checked)
	if err != nil {
		return result, err
	}
	var requests []preflight.Request
	for _, s := range steps {
		requests = append(requests, s.Request)
		result.Steps = append(result.Steps, s.Request.Step)
	}
	if err := p.ask(ctx, t, checked, requests, backend, &result); err != nil {
		return result, err
	}
	p.mu.Lock()
	p.checked[t.key] = checked
	p.mu.Unlock()
	p.s.diags.wake(t.key.uri)
	p.tell(t.view, f, checked, only, &result)
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

// commandAge is how old an inventory may be that a command is answered with.
const commandAge = 5 * time.Second

// ask has the agent ask the cluster. That it cannot be asked is a finding, not an
// error: a launch would fail too.
func (p *kubePreflight) ask(ctx context.Context, t flowTarget, checked *checkedFlow, requests []preflight.Request, backend local.Backend, result *PreflightResult) error {
	namespaces := map[string]bool{}
	for _, name := range p.needed() {
		namespaces[name] = true
	}
	for _, r := range requests {
		if r.Namespace != "" {
			namespaces[r.Namespace] = true
		}
	}
	_, err := p.look(ctx, checked.access, slices.Sorted(maps.Keys(namespaces)), commandAge)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	reached := err == nil
	if !reached {
		checked.flow = append(checked.flow, preflight.Finding{Kind: preflight.NoCluster, Message: err.Error()})
		p.mu.Lock()
		delete(p.clusters, checked.access) // what it had is no help any more
		p.mu.Unlock()
	}
	view := p.cluster(checked.access)
	if view != nil {
		result.Notes = append(result.Notes, view.problems...)
	}
	params := wire.KubeCheckParams{Where: wire.Where{Dir: t.dir()}, Access: checked.access, Store: backend.Store, Root: backend.Root, Profile: checked.profile}
	if reached {
		params.Requests = p.promising(view, requests)
	}
	var reply wire.KubeCheckReply
	if err := p.s.remote.link.Call(ctx, wire.KubeCheck, params, &reply); err != nil {
		return err
	}
	checked.flow = append(checked.flow, reply.Findings[""]...)
	result.Notes = append(result.Notes, reply.Notes...)
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

// tell puts what was found into the answer.
func (p *kubePreflight) tell(v *view, f *flow.Flow, checked *checkedFlow, only string, result *PreflightResult) {
	c := p.comparison(v, f, checked)
	add := func(step string, f preflight.Finding) {
		r := clusterRules[f.Kind]
		result.Findings = append(result.Findings, PreflightFinding{
			Code: r.Code, Severity: r.Severity.String(), Step: step, Argument: f.Argument, Message: sentence(f.Message)})
	}
	for _, found := range c.found[""] {
		add("", found)
	}
	for _, s := range c.steps {
		if name := s.Request.Step; only == "" || name == only {
			for _, found := range c.found[name] {
				add(name, found)
			}
		}
	}
}

// keeps reports whether something keeps the flow from running.
func (r *PreflightResult) keeps() bool {
	return slices.ContainsFunc(r.Findings, func(f PreflightFinding) bool { return f.Severity != "info" })
}

func (r *PreflightResult) kind() protocol.MessageType {
	if r.keeps() {
		return protocol.MessageTypeWarning
	}
	return protocol.MessageTypeInfo
}

// summary is one line.
func (r *PreflightResult) summary(flow string) string {
	said := fmt.Sprintf("Nothing keeps %s from running on the cluster", flow)
	if r.keeps() {
		said = fmt.Sprintf("%s cannot run on the cluster as things are: %s", flow, r.Findings[0].Message)
		if more := len(r.Findings) - 1; more > 0 {
			said += fmt.Sprintf(" (and %d more)", more)
		}
		return said
	}
	if len(r.Notes) > 0 {
		said += "; not all could be compared: " + r.Notes[0]
	}
	return said + "."
}

// clusterActions are offered at what was found: compare again, or clear it.
func (s *server) clusterActions(v *view, finding rule.Diagnostic) []protocol.CommandOrCodeAction {
	argument, err := json.Marshal(FlowArgument{v.doc.URI, finding.Flow})
	if err != nil { // two strings
		panic(err)
	}
	var actions []protocol.CommandOrCodeAction
	add := func(title, command string) {
		actions = append(actions, &protocol.CodeAction{
			Title: title, Kind: new(protocol.CodeActionKindQuickFix), Diagnostics: []protocol.Diagnostic{s.diagnostic(v, finding)},
			Command: protocol.Command{Title: title, Command: command, Arguments: []protocol.LSPAny{argument}},
		})
	}
	add("Check "+finding.Flow+" against the cluster again", commandPreflight)
	if s.kubePreflight.checkedFlow(flowKey{v.doc.URI, finding.Flow}) != nil {
		add("Clear what the check against the cluster found", commandClearPreflight)
	}
	return actions
}

func clearPreflight(_ context.Context, call commandCall, a FlowArgument) (Nothing, error) {
	p := call.server.kubePreflight
	p.mu.Lock()
	delete(p.checked, flowKey{a.URI, a.Flow})
	p.mu.Unlock()
	call.server.diags.wake(a.URI)
	return Nothing{}, nil
}
