package server

import (
	"context"
	"fmt"
	"strings"

	"flowls/runner/runstate"
	"flowls/runner/store"

	"go.lsp.dev/jsonrpc2"
)

func (a shownArtifact) info() ArtifactInfo {
	return ArtifactInfo{Name: a.Name, Type: a.Type, Size: a.Size, Preview: a.preview(), Changed: a.Changed, SHA: a.SHA}
}

// artifactRequest answers flowls/artifact.
func (r *runs) artifactRequest(ctx context.Context, p ArtifactParams) (ArtifactInfo, error) {
	v, a, err := r.artifactNamed(ctx, p)
	if err != nil {
		return ArtifactInfo{}, err
	}
	budget := quick(a)
	if p.Whole {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		budget = runstate.Whole
		if p.Token != nil {
			progress := r.s.progress.begin(ctx, p.Token, "Read "+a.Name, cancel)
			defer progress.end("")
			budget.Progress = func(read int64) {
				progress.report(fmt.Sprintf("%s of %s", bytesText(read), bytesText(a.Size)), int(read*100/max(a.Size, 1)))
			}
		}
	}
	d, err := v.reader.Describe(ctx, v.run.Flow, a, budget)
	if ctx.Err() != nil {
		return ArtifactInfo{}, ctx.Err()
	}
	if err != nil {
		return ArtifactInfo{}, unreadError(p.Pathspec, err)
	}
	info := shownArtifact{a, d}.info()
	info.Description, info.Text = d, d.Summary+"\n"+d.Text()
	return info, nil
}

// artifactNamed finds what a request names, in the runs of the open documents.
func (r *runs) artifactNamed(ctx context.Context, p ArtifactParams) (*runView, runstate.Artifact, error) {
	parts := strings.Split(p.Pathspec, "/")
	if len(parts) != 5 {
		return nil, runstate.Artifact{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%q is not Flow/run/step/task/artifact", p.Pathspec)
	}
	v := r.anywhere(p.URI, parts[0], parts[1])
	if v == nil || v.run == nil {
		return nil, runstate.Artifact{}, launchError("no open document knows run %s/%s", parts[0], parts[1])
	}
	if t := v.task(parts[2], parts[3]); t != nil {
		all, err := store.Together(ctx, func(ctx context.Context) ([]runstate.Artifact, error) { return v.reader.Artifacts(ctx, v.run, t) })
		if ctx.Err() != nil {
			return nil, runstate.Artifact{}, ctx.Err()
		}
		if err != nil {
			return nil, runstate.Artifact{}, unreadError(p.Pathspec, err)
		}
		for _, a := range all {
			if a.Name == parts[4] {
				return v, a, nil
			}
		}
	}
	return nil, runstate.Artifact{}, launchError("there is no artifact %s", p.Pathspec)
}
