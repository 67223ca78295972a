package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"flowls/runner/runstate"
	"flowls/runner/store"
)

// A command line that names a run or a value is a question of the user: what the
// metadata here, or Metaflow's configuration, say is elsewhere is read there.

// errBeyond: only the binary that reaches past this machine can do it.
var errBeyond = errors.New("it is not on this machine")

// reader reads the runs below a folder, and what they keep elsewhere.
func (o outside) reader(ctx context.Context, root, dir string) *runstate.Reader {
	reader := runstate.NewReader(root)
	if !o.missing() {
		reader.Open = o.opener(ctx, dir)
	}
	return reader
}

func (o outside) opener(ctx context.Context, dir string) func(runstate.Place) (store.Files, error) {
	opened := map[runstate.Place]store.Files{}
	return func(at runstate.Place) (store.Files, error) {
		if opened[at] == nil {
			files, err := o.Store(ctx, dir, at.Kind, at.Root)
			if files == nil || err != nil {
				return nil, err
			}
			opened[at] = ending{files, ctx}
		}
		return opened[at], nil
	}
}

// ending are files whose reading ends with the command at the latest.
type ending struct {
	store.Files
	ctx context.Context
}

func (e ending) within(ctx context.Context) context.Context {
	if ctx.Done() == nil {
		return e.ctx
	}
	return ctx
}

func (e ending) Stat(ctx context.Context, name string) (store.Info, error) {
	return e.Files.Stat(e.within(ctx), name)
}

func (e ending) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, store.Info, error) {
	return e.Files.Open(e.within(ctx), name, offset)
}

func (e ending) List(ctx context.Context, dir string, yield func(store.Entry) bool) error {
	return e.Files.List(e.within(ctx), dir, yield)
}

// run reads a run below the reader's folder. errBeyond if this binary cannot
// read what belongs to it.
func (o outside) run(reader *runstate.Reader, flow, id string) (*runstate.Run, error) {
	run, err := reader.Run(flow, id)
	if err != nil {
		return nil, fmt.Errorf("%w in %s", err, reader.Root)
	}
	if run.Store.Kind == "s3" && o.missing() {
		return nil, errBeyond
	}
	return run, nil
}

// metadataKind is where runs are recorded: what the user says, else what Metaflow
// in dir is configured to use.
func metadataKind(said, dir string) string {
	if said != "" {
		return said
	}
	if store.Setting(dir, os.Getenv, "METAFLOW_DEFAULT_METADATA") == "service" {
		return "service"
	}
	return "local"
}

// find finds a run: on this machine, else, if that is said or configured, in the
// metadata service.
func (o outside) find(ctx context.Context, flow, id, metadata string) (*runstate.Reader, *runstate.Run, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, nil, err
	}
	if metadata != "service" {
		reader := o.reader(ctx, runstate.FindRoot(dir, os.Getenv), dir)
		run, err := o.run(reader, flow, id)
		if err == nil || !errors.Is(err, runstate.ErrNoRun) {
			return reader, run, err
		}
		if metadataKind(metadata, dir) != "service" {
			return nil, nil, fmt.Errorf("%w%s", err, otherPlaces(dir))
		}
	}
	if o.missing() {
		return nil, nil, errBeyond
	}
	source, err := o.Runs(dir)
	if err != nil {
		return nil, nil, err
	}
	run, err := source.Run(ctx, flow, id)
	if err != nil {
		return nil, nil, fmt.Errorf("%w in %s", err, source)
	}
	served := &servedRun{ctx: ctx, source: source, run: run, at: time.Now()}
	return &runstate.Reader{Open: o.opener(ctx, dir), Known: served.known}, run, nil
}

// servedRun is a run of the metadata service, asked for again while it goes on.
type servedRun struct {
	ctx    context.Context
	source runstate.Source
	run    *runstate.Run
	at     time.Time
}

// serviceRest is the least time between two questions for a run.
const serviceRest = 5 * time.Second

func (s *servedRun) known(flow, id string) *runstate.Run {
	if flow != s.run.Flow || id != s.run.ID {
		return nil
	}
	if !s.run.Status.Done() && time.Since(s.at) > serviceRest {
		s.at = time.Now()
		if now, err := s.source.Run(s.ctx, flow, id); err == nil { // else: as it was
			s.run = now
		}
	}
	return s.run
}

// otherPlaces says which options look for a run elsewhere, as far as Metaflow is
// configured to keep something there.
func otherPlaces(dir string) string {
	said := ""
	if store.Setting(dir, os.Getenv, "METAFLOW_SERVICE_URL") != "" {
		said += "; --metadata service asks the metadata service"
	}
	if store.Setting(dir, os.Getenv, "METAFLOW_DATASTORE_SYSROOT_S3") != "" {
		said += "; --datastore s3 looks among what is stored in S3"
	}
	return said
}
