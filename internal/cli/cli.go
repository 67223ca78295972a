// Package cli is the command line of flowls. Each command is one file; exit
// codes are those of design.md: 0 fine, 1 errors found, 2 could not run.
package cli

import (
	"context"
	"errors"
	"flowls/internal/near"
	"fmt"
	"io"
	"syscall"

	"github.com/spf13/cobra"
)

// Streams are the standard streams of a command.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Exit codes.
const (
	exitOK          = 0
	exitErrorsFound = 1
	exitCannotRun   = 2
)

// exitError carries an exit code without a further message: what there was to
// say has been said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usageError is a mistake in the arguments.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// Main runs the command line args and returns the exit code. version is what
// the build calls itself, "" if it was not told; beyond is nil in the binary that
// leaves what needs it to the other one.
func Main(version string, args []string, s Streams, beyond Beyond) int {
	o := outside{beyond, version, args}
	if err := o.sameVersion(); err != nil {
		fmt.Fprintf(s.Err, "flowls: %v\n", err)
		return exitCannotRun
	}
	root := newRoot(version, s, o)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(context.Background())
	var code exitError
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, syscall.EPIPE):
		// The reader has seen enough (`| head`); nobody is left to complain to.
		return exitCannotRun
	case errors.As(err, &usage):
		fmt.Fprintf(s.Err, "flowls: %v\nSee `%s --help`.\n", err, cmd.CommandPath())
	default:
		fmt.Fprintf(s.Err, "flowls: %v\n", err)
	}
	return exitCannotRun
}

func newRoot(version string, s Streams, o outside) *cobra.Command {
	root := &cobra.Command{
		Use:   "flowls",
		Short: "Check, draw and run Metaflow flows; serve editors",
		Long: "flowls reads Metaflow flows as text, without Python, and says what is wrong with them:\n" +
			"on the command line, and while you type in every editor that speaks LSP.",
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q%s", args[0], near.DidYouMean(args[0], commandNames))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return exitError(exitCannotRun)
		},
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(checkCommand(s), graphCommand(s), rulesCommand(s), explainCommand(s), versionCommand(version, s))
	root.AddCommand(runsCommand(s, o), stopCommand(s, o), showCommand(s, o), exportCommand(s), logCommand(s, o), diffCommand(s, o), serveCommand(version, s), superviseCommand(), agentCommand(s, o))
	return root
}

var commandNames = []string{"check", "graph", "rules", "explain", "version", "runs", "stop", "show", "export", "log", "diff", "serve", "help"}

// exactly and atMost are cobra's checks with our exit code.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("expected %s, got %d arguments", what, len(args))}
		}
		return nil
	}
}

// oneOf checks the value of a flag with a fixed set of values.
func oneOf(flag, value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return usageError{fmt.Errorf("--%s %q: use one of %s", flag, value, near.Join(allowed, "or"))}
}
