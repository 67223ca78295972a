package server

import (
	"context"
	"errors"
	"path/filepath"

	"flowls/runner/export"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/uri"
)

// ExportArgument is the argument of flowls.exportArtifact.
type ExportArgument struct {
	URI       uri.URI `json:"uri,omitempty" doc:"The flow's document; absent means any open one with this flow."`
	Pathspec  string  `json:"pathspec" doc:"Flow/run/step/task/artifact, with Metaflow's run id."`
	File      uri.URI `json:"file" doc:"File to write; its ending says the format: npy, csv, json or png."`
	Overwrite bool    `json:"overwrite,omitempty" doc:"Whether to replace a file that is there; otherwise that is an error."`
}

// ExportResult is the answer of flowls.exportArtifact.
type ExportResult struct {
	File uri.URI `json:"file" doc:"The file that was written."`
}

func init() {
	commandTable = append(commandTable, define(commandExport, "Writes an artifact to a file: the user's Python loads it through Metaflow.", true, exportArtifact))
}

func exportArtifact(ctx context.Context, call commandCall, a ExportArgument) (ExportResult, error) {
	r := call.server.runs
	v, artifact, err := r.artifactNamed(ctx, ArtifactParams{URI: a.URI, Pathspec: a.Pathspec})
	if err != nil {
		return ExportResult{}, err
	}
	file := filePath(a.File)
	if file == "" || !filepath.IsAbs(file) {
		return ExportResult{}, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%q is not the URI of a file", a.File)
	}
	script := r.scriptOf(v)
	if script == "" {
		return ExportResult{}, launchError("the document of run %s was closed", v.metaflowID())
	}
	interpreter, err := findInterpreter(call, script)
	if err == nil {
		err = r.launcher.hasMetaflow(ctx, interpreter)
	}
	if err != nil {
		return ExportResult{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	progress := call.server.progress.begin(ctx, call.token, "Export "+artifact.Name, cancel)
	err = export.Export(ctx, export.Request{
		Interpreter: interpreter, Root: v.run.Root, Dir: filepath.Dir(script), Pathspec: a.Pathspec, File: file, Overwrite: a.Overwrite,
	})
	switch {
	case ctx.Err() != nil:
		progress.end("cancelled")
		return ExportResult{}, ctx.Err()
	case errors.Is(err, export.ErrExists):
		progress.end("failed")
		return ExportResult{}, launchError("%v: say `overwrite` to replace it, or choose another name", err)
	case err != nil:
		progress.end("failed")
		return ExportResult{}, launchError("%v", err)
	}
	progress.end("wrote " + filepath.Base(file))
	return ExportResult{a.File}, nil
}

// scriptOf is the file of the flow that a run is shown in.
func (r *runs) scriptOf(v *runView) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, state := range r.states {
		for _, known := range state.runs {
			if known.run != nil && known.run.ID == v.run.ID && known.run.Flow == v.run.Flow && known.run.Root == v.run.Root {
				return filePath(key.uri)
			}
		}
	}
	return ""
}
