package cli

import (
	"flowls/runner/local"

	"github.com/spf13/cobra"
)

// superviseCommand is the role that owns one run; the server starts it.
func superviseCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "supervise RUNDIR",
		Short:  "Own one run of Metaflow (started by flowls itself)",
		Hidden: true,
		Args:   exactly(1, "the folder of a run"),
		RunE: func(_ *cobra.Command, args []string) error {
			if code := local.Supervise(args[0]); code != 0 {
				return exitError(code)
			}
			return nil
		},
	}
}
