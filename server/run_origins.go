package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"flowls/runner/local"
	"flowls/runner/runstate"

	"go.lsp.dev/uri"
)

// OriginsParams are the parameters of flowls/origins.
type OriginsParams struct {
	URI   uri.URI `json:"uri" doc:"The flow's document."`
	Flow  string  `json:"flow" doc:"Name of the flow."`
	Step  string  `json:"step" doc:"Name of the step."`
	Limit int     `json:"limit,omitempty" doc:"Most runs to answer; absent means 20, more than 50 are not answered."`
}

// OriginsResult is the answer of flowls/origins.
type OriginsResult struct {
	Runs []OriginChoice `json:"runs" doc:"Newest first."`
}

// OriginChoice is a run that a step can be resumed from.
type OriginChoice struct {
	RunID     string    `json:"runId" doc:"Metaflow's id of the run."`
	Kind      string    `json:"kind" doc:"run or resume."`
	Status    runStatus `json:"status" doc:"starting, running, succeeded, failed, stopped or unknown."`
	StartedAt string    `json:"startedAt" doc:"RFC 3339."`
	Step      runStatus `json:"step" doc:"How the step ended in that run."`
	Label     string    `json:"label" doc:"One line for the user: status, kind, age, and the step's status where it differs."`
}

const (
	defaultOrigins = 20
	maxOrigins     = 50
)

func init() {
	customRequests["flowls/origins"] = func(s *server, ctx context.Context, raw json.RawMessage) (any, error) {
		var p OriginsParams
		if err := decodeParams(raw, &p); err != nil {
			return nil, err
		}
		snapshot := s.begin(ctx)
		t, err := commandCall{server: s, snapshot: snapshot}.stepTarget(ctx, FlowArgument{p.URI, p.Flow}, p.Step)
		if err != nil {
			return nil, err
		}
		if p.Limit <= 0 {
			p.Limit = defaultOrigins
		}
		origins, err := s.runs.origins(t, p.Step, min(p.Limit, maxOrigins))
		if err != nil {
			return nil, launchError("%v", err)
		}
		return encoded(OriginsResult{Runs: origins})
	}
}

// origins are the newest runs that got to a step: at least one, or an error.
func (r *runs) origins(t flowTarget, step string, most int) ([]OriginChoice, error) {
	var records []*local.Record
	if r.registry != nil {
		all, err := r.registry.List()
		if err != nil {
			r.s.log.Warn("the state of runs cannot be read", "error", err)
		}
		for _, record := range all {
			if record.Flow == t.flow && !record.Kind.OneStep() {
				records = append(records, record)
			}
		}
	}
	reader, fits := r.inputReader(t)
	reader.Life = func(run *runstate.Run) runstate.Life { return life(run, records) }
	found, err := reader.RunsWithStep(t.flow, step, fits, most)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	origins := make([]OriginChoice, len(found))
	for i, run := range found {
		v := &runView{run: run}
		for _, record := range records {
			if record.RunID == run.ID {
				v.record = record
			}
		}
		origins[i] = v.originChoice(step, now)
	}
	return origins, nil
}

func (v *runView) originChoice(step string, now time.Time) OriginChoice {
	c := OriginChoice{
		RunID: v.run.ID, Kind: string(v.kind()), Status: v.status(), StartedAt: timeText(v.startedAt()), Step: v.stepStatus(v.run.Step(step).Status),
	}
	said := []string{"run " + c.RunID, string(c.Status), age(now.Sub(v.startedAt()))}
	if v.kind() == local.Resume {
		said = append(said, "resumed from "+v.run.Origin)
	}
	if c.Step != c.Status {
		said = append(said, step+" "+string(c.Step))
	}
	c.Label = strings.Join(said, " · ")
	return c
}

// age says roughly how long ago something was.
func age(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}} {
		if n := int(d / unit.of); n == 1 {
			return "1 " + strings.TrimSuffix(unit.name, "s") + " ago"
		} else if n > 1 {
			return fmt.Sprintf("%d %s ago", n, unit.name)
		}
	}
	return "just now"
}
