// Package service knows runs from Metaflow's metadata service (REST). It opens
// sockets: nothing that an editor starts by itself may use it.
package service

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"flowls/runner/runstate"
	"flowls/runner/store"
)

// Source knows the runs of one metadata service.
type Source struct {
	// Now is the time that heartbeats are held against; a test sets it.
	Now func() time.Time

	// Open opens a data store that is not on this machine, by the kind and the root
	// that Metaflow recorded; nil: such stores are not read.
	Open func(ctx context.Context, kind, root string) (store.Files, error)

	client client
	mu     sync.Mutex
	opened map[string]store.Files // by root
}

var _ runstate.Source = (*Source)(nil)

const (
	firstPause = time.Second // as Metaflow
	// maxSilence is how long a live run may send no heartbeat: Metaflow sends one every 10 s.
	maxSilence = 60 * time.Second
	// parallel bounds the requests under way for one answer.
	parallel = 8
)

// New makes a source. Nothing is sent before the first question.
func New(c Config) *Source {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = parallel
	s := &Source{
		client: client{config: c, pause: firstPause, http: &http.Client{Transport: transport, CheckRedirect: sameHost}},
		Now:    time.Now,
	}
	return s
}

// sameHost follows redirects within the service only: headers hold a key.
func sameHost(request *http.Request, via []*http.Request) error {
	if len(via) > 5 || request.URL.Host != via[0].URL.Host || via[0].URL.Scheme == "https" && request.URL.Scheme != "https" {
		return http.ErrUseLastResponse
	}
	return nil
}

// isLocal: Metaflow keeps the data on this machine.
func isLocal(kind, root string) bool {
	return kind == "local" && filepath.IsAbs(root) && filepath.Base(root) == ".metaflow"
}

// files is the data store at a root; nil if it cannot be read from here.
func (s *Source) files(ctx context.Context, kind, root string) (store.Files, error) {
	if isLocal(kind, root) {
		return store.Local{Root: root}, nil
	}
	if s.Open == nil || kind == "local" || root == "" {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.opened[root]; known != nil {
		return known, nil
	}
	files, err := s.Open(ctx, kind, root)
	if err != nil || files == nil {
		return nil, err
	}
	if s.opened == nil {
		s.opened = map[string]store.Files{}
	}
	s.opened[root] = files
	return files, nil
}

// String is the address without user and password.
func (s *Source) String() string { return s.client.config.URL.Redacted() }

// Flows are the names of all flows that the service knows.
func (s *Source) Flows(ctx context.Context) ([]string, error) {
	var flows []string
	err := each(ctx, &s.client, "flows", func() { flows = nil }, func(f flowRecord) { flows = append(flows, f.Flow) })
	slices.Sort(flows)
	return slices.Compact(flows), err
}

// Runs are the newest runs of a flow, newest first, without their tasks. The
// service answers all runs that there ever were; only the page is kept.
func (s *Source) Runs(ctx context.Context, flow string, limit int) ([]*runstate.Run, error) {
	if !valid(flow) {
		return nil, fmt.Errorf("flow %q is not a name", flow)
	}
	var page []runRecord
	err := each(ctx, &s.client, "flows/"+flow+"/runs", func() { page = nil }, func(r runRecord) {
		if limit > 0 && len(page) == limit && later(r, page[limit-1]) > 0 {
			return
		}
		i, _ := slices.BinarySearchFunc(page, r, later)
		page = slices.Insert(page, i, r)
		if limit > 0 && len(page) > limit {
			page = page[:limit]
		}
	})
	if notFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	runs := make([]*runstate.Run, len(page))
	err = spread(ctx, len(page), func(ctx context.Context, i int) error {
		run, err := s.brief(ctx, page[i])
		runs[i] = run
		return err
	})
	return runs, err
}

// spread runs do for 0 to n-1, some at a time, until the first error.
func spread(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	room := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for i := range n {
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			if ctx.Err() != nil {
				return
			}
			if err := do(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

func newRun(r runRecord, address string) *runstate.Run {
	return &runstate.Run{Root: address, Flow: r.Flow, ID: string(r.Run), User: r.User, Tags: r.Tags, Created: epoch(r.Epoch), Status: runstate.Unknown}
}

// brief tells how a run stands, from the step that ends it and the heartbeats.
func (s *Source) brief(ctx context.Context, record runRecord) (*runstate.Run, error) {
	run := newRun(record, s.String())
	b := &builder{source: s, run: run, record: record}
	if err := b.parameters(ctx); err != nil {
		return nil, err
	}
	end := "end"
	if run.Graph != nil && run.Graph.End != "" {
		end = run.Graph.End
	}
	step := &runstate.Step{Name: end}
	if err := b.tasks(ctx, step); err != nil {
		return nil, err
	}
	run.Steps = []*runstate.Step{step}
	run.Judge(b.life)
	if run.Status == runstate.Failed && run.Ended.IsZero() && record.Heartbeat > 0 {
		run.Ended = time.Unix(record.Heartbeat, 0)
	}
	run.Steps = nil // of the others nothing was asked
	return run, nil
}

// Run is one run with its steps and tasks.
func (s *Source) Run(ctx context.Context, flow, id string) (*runstate.Run, error) {
	if !valid(flow) || !valid(id) {
		return nil, fmt.Errorf("%s/%s is not a run", flow, id)
	}
	record, err := object[runRecord](ctx, &s.client, "flows/"+flow+"/runs/"+id)
	if notFound(err) {
		return nil, fmt.Errorf("%s/%s: %w", flow, id, runstate.ErrNoRun)
	}
	if err != nil {
		return nil, err
	}
	b := &builder{source: s, run: newRun(record, s.String()), record: record}
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	return b.run, nil
}

// Metadata are what Metaflow recorded of a task, by time.
func (s *Source) Metadata(ctx context.Context, run *runstate.Run, task *runstate.Task) ([]runstate.Metadatum, error) {
	var all []runstate.Metadatum
	err := each(ctx, &s.client, taskPath(run, task)+"/metadata", func() { all = nil }, func(m metadataRecord) {
		all = append(all, m.public())
	})
	slices.SortStableFunc(all, func(a, b runstate.Metadatum) int { return a.At.Compare(b.At) })
	return all, err
}

// Artifacts are the user's artifacts of the last attempt that stored any. The
// service knows their names and hashes; type and size stand in the data store.
func (s *Source) Artifacts(ctx context.Context, run *runstate.Run, task *runstate.Task) ([]runstate.Artifact, error) {
	attempt := task.LastStored()
	if attempt == nil {
		return nil, runstate.ErrNoData
	}
	records, err := s.artifacts(ctx, run, task, attempt.N)
	if err != nil {
		return nil, err
	}
	if len(records) > 0 {
		if kind, root := place(records[0]); isLocal(kind, root) {
			r := runstate.NewReader(root)
			if all, err := r.Artifacts(ctx, run, r.Stored(run, task)); err == nil {
				return all, nil
			}
		}
	}
	var all []runstate.Artifact
	for _, a := range records {
		if !runstate.Internal(a.Name) {
			all = append(all, runstate.Artifact{Name: a.Name, SHA: a.SHA})
		}
	}
	slices.SortFunc(all, func(a, b runstate.Artifact) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (s *Source) artifacts(ctx context.Context, run *runstate.Run, task *runstate.Task, attempt int) ([]artifactRecord, error) {
	var all []artifactRecord
	err := each(ctx, &s.client, fmt.Sprintf("%s/attempt/%d/artifacts", taskPath(run, task), attempt), func() { all = nil },
		func(a artifactRecord) { all = append(all, a) })
	return all, err
}

// Exception is what an attempt raised; nil if nothing was recorded, or if the
// data store cannot be read from here.
func (s *Source) Exception(ctx context.Context, run *runstate.Run, task *runstate.Task, a *runstate.Attempt) (*runstate.Exception, error) {
	if !a.HasData {
		return nil, nil
	}
	name := "_exception"
	if a.Caught {
		name = "_catch_exception"
	}
	records, err := s.artifacts(ctx, run, task, a.N)
	if err != nil {
		return nil, err
	}
	raw, err := s.blob(ctx, run.Flow, records, name)
	if raw == nil || err != nil {
		return nil, err
	}
	return runstate.DecodeException(ctx, raw), nil
}

// blob reads an internal artifact; nil if there is none, or if its store cannot be read from here.
func (s *Source) blob(ctx context.Context, flow string, records []artifactRecord, name string) ([]byte, error) {
	i := slices.IndexFunc(records, func(a artifactRecord) bool { return a.Name == name })
	if i < 0 {
		return nil, nil
	}
	kind, root := place(records[i])
	files, err := s.files(ctx, kind, root)
	if files == nil || err != nil {
		return nil, ctx.Err() // no region, no rights: the rest can be told without it
	}
	raw, err := store.Blobs{Files: files, Flow: flow}.Read(ctx, records[i].SHA, runstate.MaxInternal)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	if err != nil {
		return nil, nil // on another machine, or cleaned up: the rest can be told without it
	}
	return raw, nil
}

var partPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}_.:@-]*$`) })

// valid: a name that is one part of a path.
func valid(part string) bool { return partPattern().MatchString(part) }
