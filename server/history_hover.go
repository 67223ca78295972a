package server

import (
	"context"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"strings"

	"flowls/analysis/graph"
	"flowls/runner/history"
	"flowls/runner/runstate"

	"go.lsp.dev/uri"
)

func init() {
	customRequests["flowls/resumePlan"] = request((*runs).resumePlanRequest)
}

// stepHistory is what runs tell of a step, for its hover: what has changed since,
// what resuming would do, how it did lately. "" without any run.
func (r *runs) stepHistory(v *view, i int, step string) string {
	f := v.File.Flows[i]
	state := r.state(flowKey{v.doc.URI, f.Name})
	if state == nil || state.shown == nil {
		return ""
	}
	var m markdown
	if s := state.steps[step]; s != nil && s.step != nil && len(s.step.Tasks) > 0 {
		m.paragraph("**last run** %s · %s", escape(strings.TrimSpace(stepTitle(s))), escape(s.of.when()))
		if said := r.marksOf(v, i, state)[step].long(); len(said) > 0 {
			m.paragraph("Stale: %s", strings.Join(said, " "))
		}
		if said := r.cardsText(v, s, flowKey{v.doc.URI, f.Name}); said != "" {
			m.paragraph("**cards** %s", said)
		}
	}
	if t := state.trend(step); t.Runs > 1 {
		m.paragraph("%s", trendText(t))
	}
	if plan := state.resumePlan(v.Graphs[i], step, ""); plan != nil {
		if said := planText(plan.Steps, r.marksOf(v, i, state)); said != "" {
			m.paragraph("**resume from here** %s", said)
		}
	}
	return m.String()
}

// flowHistory is the same for a flow: which steps changed since the shown run.
func (r *runs) flowHistory(v *view, i int) string {
	state := r.state(flowKey{v.doc.URI, v.File.Flows[i].Name})
	if state == nil || state.shown == nil {
		return ""
	}
	var changed, stale []string
	marks := r.marksOf(v, i, state)
	for _, name := range v.Graphs[i].Sorted {
		switch m, ok := marks[name]; {
		case !ok:
		case len(m.code) > 0:
			changed = append(changed, name)
		default:
			stale = append(stale, name)
		}
	}
	var m markdown
	m.paragraph("**shown run** %s · %s", escape(flowTitle(state.shown)), escape(state.shown.when()))
	if len(changed) > 0 {
		m.paragraph("Changed since: %s", codes(changed))
	}
	if len(stale) > 0 {
		m.paragraph("Stale with them: %s", codes(stale))
	}
	return m.String()
}

// when says which run this is, and when it started.
func (v *runView) when() string {
	return fmt.Sprintf("%s %s of %s", v.kind(), v.metaflowID(), v.startedAt().Local().Format("2 Jan 15:04:05"))
}

func trendText(t history.Trend) string {
	said := fmt.Sprintf("**last %s**", count(t.Runs, "run"))
	if len(t.Took) > 0 {
		said += fmt.Sprintf(" %s median %s", history.Sparkline(t.Took), duration(t.Median()))
	}
	if t.Failed > 0 {
		said += fmt.Sprintf(" · failed %d of %d", t.Failed, t.Runs)
	}
	if t.Retried > 0 {
		said += fmt.Sprintf(" · needed a retry in %d", t.Retried)
	}
	if t.Flaky {
		said += " · **flaky**: the same code failed and succeeded"
	}
	return said
}

// planText says what a resume takes over and what it runs.
func planText(plan []history.Planned, marks map[string]mark) string {
	var clone, run, partly, stale []string
	for _, p := range plan {
		switch p.Action {
		case history.Clone:
			clone = append(clone, p.Step)
			if !marks[p.Step].none() {
				stale = append(stale, p.Step)
			}
		case history.Partly:
			partly = append(partly, fmt.Sprintf("%s (%s)", code(p.Step), p.Reason))
		case history.Run:
			run = append(run, p.Step)
		}
	}
	var said []string
	if len(clone) > 0 {
		said = append(said, "takes over "+few(clone))
	}
	if len(partly) > 0 {
		said = append(said, "takes over a part of "+strings.Join(partly, ", "))
	}
	if len(run) > 0 {
		said = append(said, "runs "+few(run))
	}
	text := strings.Join(said, "; ")
	if len(stale) > 0 {
		text += ". Stale, and taken over all the same: " + few(stale)
	}
	return text
}

// few names at most a dozen.
func few(names []string) string {
	const most = 12
	if len(names) > most {
		return codes(names[:most]) + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return codes(names)
}

// trend is how a step did over the runs that are known.
func (s *flowState) trend(step string) history.Trend {
	var list []*runstate.Run
	code := map[*runstate.Run]string{}
	for _, v := range s.runs {
		if v.run != nil && !v.kind().OneStep() && v.status().done() && v.status() != statusStopped {
			list = append(list, v.run)
			code[v.run] = v.codeKey()
		}
	}
	return history.Of(list, step, func(r *runstate.Run) string { return code[r] })
}

// codeKey tells whether two runs ran the same text; "" if nobody knows.
func (v *runView) codeKey() string {
	if v.record == nil {
		return ""
	}
	data, err := v.record.ScriptText()
	if err != nil {
		return ""
	}
	h := fnv.New64a()
	_, _ = h.Write(data)
	return fmt.Sprintf("%x", h.Sum64())
}

// resumePlan is what resuming from a step would do; with an origin of the
// caller's choice, else the run that the command would take. nil without one.
func (s *flowState) resumePlan(g *graph.Graph, step, origin string) *resumePlan {
	var from *runView
	for _, v := range s.runs {
		switch {
		case v.run == nil || v.run.Spin || v.run.Graph == nil:
		case origin != "" && !v.is(origin):
		case step != "" && (v.run.Step(step) == nil || len(v.run.Step(step).Tasks) == 0):
		default:
			from = v
		}
		if from != nil {
			break
		}
	}
	if from == nil {
		return nil
	}
	steps := history.Steps{Order: g.Sorted, Next: map[string][]string{}, Switch: map[string]bool{}}
	for _, n := range g.List {
		steps.Next[n.Step.Name], steps.Switch[n.Step.Name] = n.Out, n.Type == graph.Switch
	}
	return &resumePlan{OriginRunID: from.metaflowID(), Steps: history.Resume(steps, from.run, step)}
}

// resumePlanRequest answers flowls/resumePlan.
func (r *runs) resumePlanRequest(ctx context.Context, p ResumePlanParams) (ResumePlanResult, error) {
	state, err := r.settled(ctx, flowKey{p.URI, p.Flow})
	if err != nil {
		return ResumePlanResult{}, err
	}
	v, i, err := r.s.flow(ctx, r.s.session.Snapshot(), p.URI, p.Flow)
	if err != nil {
		return ResumePlanResult{}, err
	}
	if state == nil {
		return ResumePlanResult{}, launchError("%s has not run yet, so there is nothing to resume", p.Flow)
	}
	plan := state.resumePlan(v.Graphs[i], p.Step, p.OriginRunID)
	if plan == nil {
		return ResumePlanResult{}, launchError("no run of %s in %s got to step %s", p.Flow, filepath.Base(v.doc.Path()), p.Step)
	}
	marks := r.marksOf(v, i, state)
	result := ResumePlanResult{OriginRunID: plan.OriginRunID, Steps: []PlannedStep{}}
	for _, s := range plan.Steps {
		result.Steps = append(result.Steps, PlannedStep{
			Step: s.Step, Action: string(s.Action), Cloned: s.Cloned, Tasks: s.Tasks, Reason: s.Reason, Stale: strings.Join(marks[s.Step].long(), " "),
		})
	}
	return result, nil
}

// resumePlan is what a resume would do.
type resumePlan struct {
	OriginRunID string
	Steps       []history.Planned
}

// ResumePlanParams are the parameters of flowls/resumePlan.
type ResumePlanParams struct {
	URI         uri.URI `json:"uri" doc:"The flow's document; it must be open."`
	Flow        string  `json:"flow" doc:"Name of the flow."`
	Step        string  `json:"step,omitempty" doc:"Step to start from; absent means the failed ones."`
	OriginRunID string  `json:"originRunId,omitempty" doc:"Run to resume, flowls' id or Metaflow's; absent means the latest that got to the step."`
}

// ResumePlanResult is the answer of flowls/resumePlan.
type ResumePlanResult struct {
	OriginRunID string        `json:"originRunId" doc:"Metaflow's id of the run that would be resumed."`
	Steps       []PlannedStep `json:"steps" doc:"In the order of the graph."`
}

// PlannedStep is what a resume does about one step.
type PlannedStep struct {
	Step   string `json:"step" doc:"Name of the step."`
	Action string `json:"action" doc:"clone (takes over all tasks), partly (takes over those that ended well), run, or maybe (another way of a switch)."`
	Cloned int    `json:"cloned" doc:"Tasks that are taken over."`
	Tasks  int    `json:"tasks" doc:"Tasks that the origin has."`
	Reason string `json:"reason,omitempty" doc:"Why it is run."`
	Stale  string `json:"stale,omitempty" doc:"What has changed since the step ran: what is taken over is not what running it would give."`
}
