package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"flowls/runner/runstate"
)

// askingLimit bounds how long what is elsewhere is asked, with all tries.
const askingLimit = 2 * time.Minute

// askingContext ends when the user interrupts, and with the time for questions
// unless the whole of something is wanted, however long that takes.
func askingContext(parent context.Context, whole bool) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	if whole {
		return ctx, stop
	}
	ctx, cancel := context.WithTimeout(ctx, askingLimit)
	return ctx, func() { cancel(); stop() }
}

// runsSource is where the runs are looked for: this folder, or the metadata
// service that Metaflow would use, started in this folder.
func runsSource(ctx context.Context, metadata, dir string, o outside) (runstate.Source, error) {
	if metadata == "local" {
		return o.reader(ctx, runstate.FindRoot(dir, os.Getenv), dir).Source(), nil
	}
	return o.Runs(dir)
}
