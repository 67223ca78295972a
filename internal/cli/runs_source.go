package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"flowls/runner/runstate"
)

// serviceLimit bounds how long the metadata service is asked, with all tries.
const serviceLimit = 2 * time.Minute

// askingContext ends with the time for questions, or when the user interrupts.
func askingContext(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, serviceLimit)
	return ctx, func() { cancel(); stop() }
}

// runsSource is where the runs are looked for: this folder, or the metadata
// service that Metaflow would use, started in this folder.
func runsSource(metadata string, beyond Beyond) (runstate.Source, error) {
	if metadata == "local" {
		reader, err := localRuns()
		if err != nil {
			return nil, err
		}
		return reader.Source(), nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return beyond.Runs(dir)
}
