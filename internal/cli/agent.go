package cli

import (
	"io"
	"os"

	"flowls/runner/agent"

	"github.com/spf13/cobra"
)

// agentCommand is the role that talks to what is beyond this machine; the
// server starts it when the user asks for something there.
func agentCommand(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:    "agent",
		Short:  "Talk to the metadata service (started by flowls itself)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return agent.New(os.Getenv).Serve(s.In, unclosed{s.Out})
		},
	}
}

// unclosed is a stream that ends with the process.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
