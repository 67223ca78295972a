package server

import (
	"context"
	"fmt"
	"path/filepath"

	"flowls/runner/history"
	"flowls/runner/store"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// DiffRunsArgument is the argument of flowls.diffRuns.
type DiffRunsArgument struct {
	URI     uri.URI `json:"uri" doc:"The flow's document."`
	Flow    string  `json:"flow" doc:"Name of the flow."`
	RunID   string  `json:"runId,omitempty" doc:"The run, flowls' id or Metaflow's; absent means the one that the code shows."`
	OtherID string  `json:"otherId,omitempty" doc:"What it is compared with; absent means the run before it."`
}

// DiffResult is the answer of flowls.diffRuns.
type DiffResult struct {
	URI     uri.URI `json:"uri,omitempty" doc:"Of the command: file with the difference; it is shown if the client can."`
	Text    string  `json:"text" doc:"The difference: parameters, steps, artifacts by hash, code."`
	RunID   string  `json:"runId" doc:"Metaflow's id of the run."`
	OtherID string  `json:"otherId" doc:"Metaflow's id of the run that it is compared with."`
}

func init() {
	customRequests["flowls/diff"] = request((*runs).diffRequest)
	commandTable = append(commandTable,
		define(commandDiffRuns, "Compares two runs: parameters, code, artifacts by hash, durations.", false, diffRuns))
}

func diffRuns(ctx context.Context, call commandCall, a DiffRunsArgument) (DiffResult, error) {
	r := call.server.runs
	result, err := r.diffRequest(ctx, a)
	if err != nil {
		return DiffResult{}, err
	}
	path, err := r.keepView(fmt.Sprintf("%s-%s-%s.diff", a.Flow, result.OtherID, result.RunID), result.Text)
	if err != nil {
		return result, launchError("the difference cannot be stored: %v", err)
	}
	result.URI = uri.File(path)
	if call.server.client.can.showDocument {
		if _, err := call.server.client.ShowDocument(ctx, &protocol.ShowDocumentParams{URI: result.URI, TakeFocus: new(true)}); err != nil && ctx.Err() == nil {
			call.server.log.Debug("the client does not show the difference", "error", err)
		}
	}
	return result, nil
}

// diffRequest answers flowls/diff: the text alone, for clients that show it themselves.
func (r *runs) diffRequest(ctx context.Context, a DiffRunsArgument) (DiffResult, error) {
	state, err := r.settled(ctx, flowKey{a.URI, a.Flow})
	if err != nil {
		return DiffResult{}, err
	}
	newer, older, err := state.pair(a)
	if err != nil {
		return DiffResult{}, err
	}
	d, err := store.Together(ctx, func(ctx context.Context) (history.Diff, error) {
		return history.Compare(ctx, history.Side{Reader: older.reader, Run: older.run}, history.Side{Reader: newer.reader, Run: newer.run})
	})
	if ctx.Err() != nil {
		return DiffResult{}, ctx.Err()
	}
	if err != nil {
		return DiffResult{}, launchError("the runs cannot be compared: %v", err)
	}
	return DiffResult{Text: d.Text(codeDiff(older, newer)), RunID: newer.run.ID, OtherID: older.run.ID}, nil
}

// pair are the runs that a command means, both with something on disk.
func (s *flowState) pair(a DiffRunsArgument) (newer, older *runView, err error) {
	if s == nil || s.shown == nil {
		return nil, nil, launchError("%s has not run yet", a.Flow)
	}
	newer = s.shown
	if a.RunID != "" {
		if newer = s.find(a.RunID); newer == nil {
			return nil, nil, launchError("%s has no run %q", a.Flow, a.RunID)
		}
	}
	if a.OtherID != "" {
		if older = s.find(a.OtherID); older == nil {
			return nil, nil, launchError("%s has no run %q", a.Flow, a.OtherID)
		}
	} else {
		past := false
		for _, v := range s.runs {
			if past && older == nil && v.run != nil && !v.kind().OneStep() {
				older = v
			}
			past = past || v == newer
		}
		if older == nil {
			return nil, nil, launchError("there is no run of %s before this one to compare with", a.Flow)
		}
	}
	for _, v := range []*runView{newer, older} {
		if v.run == nil {
			return nil, nil, launchError("run %s left nothing to compare: it did not get that far", v.launchID())
		}
	}
	return newer, older, nil
}

// codeDiff compares the texts that two runs ran, or says why it cannot.
func codeDiff(a, b *runView) string {
	var texts [2]string
	for i, v := range []*runView{a, b} {
		if v.record == nil {
			return fmt.Sprintf("  not known: run %s was started in a terminal, and its code was not kept\n", v.run.ID)
		}
		data, err := v.record.ScriptText()
		if err != nil {
			return fmt.Sprintf("  not known: the copy of the code of run %s is gone\n", v.run.ID)
		}
		texts[i] = string(data)
	}
	return history.CodeDiff(a.run, b.run, texts[0], texts[1])
}

// keepView writes a text for editors that can only show files, into the state
// folder: a name stands for one content, so a file may be written again.
func (r *runs) keepView(name, text string) (string, error) {
	if r.registry == nil {
		return "", fmt.Errorf("there is no place for the state of runs")
	}
	return r.registry.KeepView(filepath.Base(name), []byte(text))
}
