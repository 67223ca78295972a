package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"flowls/runner/agent/wire"
	"flowls/runner/runstate"
	"flowls/runner/store"

	"github.com/spf13/cobra"
)

// Beyond is what a command reaches past this machine, as Metaflow configured in
// dir would. Package beyond has it; the binary that checks and serves does not
// link it, since its libraries would cost each start and each byte of memory.
type Beyond interface {
	// Runs are those of the metadata service.
	Runs(dir string) (runstate.Source, error)
	// Files are those of the data store in S3.
	Files(ctx context.Context, dir string) (store.Files, error)
	// Take deletes what a run that has ended left in its cluster, and waits for the
	// end of its pods.
	Take(ctx context.Context, p wire.KubeTakeParams) (wire.KubeTakeReply, error)
	// Store are those of the data store at a place that a run names; nil for a kind
	// that is not read.
	Store(ctx context.Context, dir, kind, root string) (store.Files, error)
	// Agent answers the server until in ends.
	Agent(in io.Reader, out io.WriteCloser) error
}

const (
	// agentBinary is the binary that has a Beyond. It lies beside the other one and
	// takes the same command line.
	agentBinary = "flowls-agent"
	// forwardedBy tells it the version of the binary that calls it.
	forwardedBy = "FLOWLS_FORWARDED_BY"
)

// outside runs what needs a Beyond: here, or in the agent's binary.
type outside struct {
	Beyond
	version string
	args    []string
}

// missing reports whether this binary cannot do it itself.
func (o outside) missing() bool { return o.Beyond == nil }

// forward turns this process into one of the agent's binary. It returns only
// when that failed.
func (o outside) forward() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return err
	}
	path := filepath.Join(filepath.Dir(self), agentBinary)
	err = syscall.Exec(path, append([]string{agentBinary}, o.args...), append(os.Environ(), forwardedBy+"=v"+o.version))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is missing beside %s, and this needs it: take both from one release, or build it with `go build -o %s ./cmd/%s`", agentBinary, self, path, agentBinary)
	}
	return fmt.Errorf("%s cannot be started: %w", path, err)
}

// sameVersion refuses to work for a binary of another version: the two talk to
// each other without a version of their own.
func (o outside) sameVersion() error {
	caller, forwarded := os.LookupEnv(forwardedBy)
	if !forwarded || o.missing() || caller == "v"+o.version {
		return nil
	}
	return fmt.Errorf("%s %s was called by flowls %s: take both from one release", agentBinary, o.version, caller[1:])
}

// agentCommand is the role that talks to what is beyond this machine; the
// server starts it when the user asks for something there.
func agentCommand(s Streams, o outside) *cobra.Command {
	return &cobra.Command{
		Use:    "agent",
		Short:  "Talk to what is beyond this machine (started by flowls itself)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if o.missing() {
				return o.forward()
			}
			return o.Agent(s.In, unclosed{s.Out})
		},
	}
}

// unclosed is a stream that ends with the process.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
