package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"flowls/server"

	"github.com/spf13/cobra"
)

func serveCommand(version string, s Streams) *cobra.Command {
	var verbose bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Speak LSP on standard input and output",
		Long:  "Speak the Language Server Protocol on standard input and output. Editors start this; logs go to standard error.",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			collectSeldom()
			// An editor that ends the server politely gets its runs kept and its log whole.
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, os.Interrupt)
			defer stop()
			level := slog.LevelWarn
			if verbose {
				level = slog.LevelDebug
			}
			err := server.Serve(ctx, s.In, s.Out, server.Options{
				Version: Version(version),
				Log:     slog.New(slog.NewTextHandler(s.Err, &slog.HandlerOptions{Level: level})),
			})
			switch {
			case errors.Is(err, server.ErrNoShutdown):
				return exitError(1) // the protocol's exit code
			case errors.Is(err, context.Canceled):
				return nil
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&verbose, "verbose", false, "log more to standard error")
	// Some clients add this to every server that they start.
	cmd.Flags().Bool("stdio", true, "speak on standard input and output (always so)")
	_ = cmd.Flags().MarkHidden("stdio")
	return cmd
}
