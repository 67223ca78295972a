// Package beyond is what the command line reaches past this machine. Only
// cmd/flowls-agent links it.
package beyond

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"

	"flowls/runner/agent"
	"flowls/runner/agent/wire"
	"flowls/runner/runstate"
	"flowls/runner/runstate/service"
	"flowls/runner/store"
	"flowls/runner/store/s3"
)

// Beyond implements cli.Beyond, with the environment of this process.
type Beyond struct{}

// Runs are those of the metadata service.
func (Beyond) Runs(dir string) (runstate.Source, error) {
	config, err := service.Configured(dir, os.Getenv)
	if err != nil {
		return nil, err
	}
	source := service.New(config)
	source.Open = agent.Opener(dir, os.Getenv)
	return source, nil
}

// Files are those of the data store in S3.
func (Beyond) Files(ctx context.Context, dir string) (store.Files, error) {
	root := store.Setting(dir, os.Getenv, "METAFLOW_DATASTORE_SYSROOT_S3")
	if root == "" {
		return nil, errors.New("METAFLOW_DATASTORE_SYSROOT_S3 is not set: set it, or run `metaflow configure aws`")
	}
	return s3.New(ctx, s3.Options{Root: root, Endpoint: store.Setting(dir, os.Getenv, "METAFLOW_S3_ENDPOINT_URL")})
}

// Take deletes what a run left in its cluster.
func (Beyond) Take(ctx context.Context, p wire.KubeTakeParams) (wire.KubeTakeReply, error) {
	return agent.Take(ctx, p)
}

// agentMemory is what the agent may hold before the garbage collector works
// harder. Lists of clusters are large for a moment.
const agentMemory = 100 << 20

// Store are the files of a data store that a run names.
func (Beyond) Store(ctx context.Context, dir, kind, root string) (store.Files, error) {
	return agent.Opener(dir, os.Getenv)(ctx, kind, root)
}

// Agent answers the server.
func (Beyond) Agent(in io.Reader, out io.WriteCloser) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(agentMemory)
	}
	return agent.New(os.Getenv).Serve(in, out)
}
