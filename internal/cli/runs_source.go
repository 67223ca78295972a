package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"flowls/runner/agent"
	"flowls/runner/runstate"
	"flowls/runner/runstate/service"
)

// serviceLimit bounds how long the metadata service is asked, with all tries.
const serviceLimit = 2 * time.Minute

// runsSource is where the runs are looked for: this folder, or the metadata
// service that Metaflow would use, started in this folder.
func runsSource(metadata string) (runstate.Source, error) {
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
	config, err := service.Configured(dir, os.Getenv)
	if err != nil {
		return nil, err
	}
	source := service.New(config)
	source.Open = agent.Opener(dir, os.Getenv)
	return source, nil
}

// askingContext ends with the time for questions, or when the user interrupts.
func askingContext(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, serviceLimit)
	return ctx, func() { cancel(); stop() }
}
