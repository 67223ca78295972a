package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/store"
)

const (
	// storeLimit bounds one call, below what the server allows.
	storeLimit = 40 * time.Second
	// fetchesAtOnce bounds the requests to data stores under way.
	fetchesAtOnce = 32
	// maxStores bounds the data stores that are kept open.
	maxStores = 16
)

// stores are the data stores that were asked for.
type stores struct {
	getenv func(string) string
	room   chan struct{}

	mu     sync.Mutex
	opened map[openedStore]store.Files
}

// openedStore is a store with the part of the configuration that it was opened with.
type openedStore struct {
	wire.Store
	endpoint string
}

func newStores(getenv func(string) string) *stores {
	return &stores{getenv: getenv, room: make(chan struct{}, fetchesAtOnce), opened: map[openedStore]store.Files{}}
}

// open opens a store as Metaflow in its folder would. Nothing is sent yet.
func (s *stores) open(ctx context.Context, named wire.Store) (store.Ranger, store.Files, error) {
	at := openedStore{named, store.Setting(named.Dir, s.getenv, "METAFLOW_S3_ENDPOINT_URL")}
	s.mu.Lock()
	files := s.opened[at]
	s.mu.Unlock()
	if files == nil {
		var err error
		if files, err = Opener(at.Dir, s.getenv)(ctx, at.Kind, at.Root); err != nil {
			return nil, nil, err
		}
		if files == nil {
			return nil, nil, fmt.Errorf("data stores of kind %q are not read", at.Kind)
		}
		s.mu.Lock()
		if len(s.opened) >= maxStores {
			clear(s.opened)
		}
		s.opened[at] = files
		s.mu.Unlock()
	}
	ranger, ok := files.(store.Ranger)
	if !ok {
		return nil, nil, fmt.Errorf("data stores of kind %q are not read in parts", at.Kind)
	}
	return ranger, files, nil
}

// reopen has the stores opened anew: the user may have logged in meanwhile.
func (s *stores) reopen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.opened)
}

// read fetches parts of files together. What is wrong with one costs the others nothing.
func (s *stores) read(ctx context.Context, p wire.ReadParams) (wire.ReadReply, error) {
	var sum int64
	for _, part := range p.Parts {
		if part.Offset < 0 || part.Length < 0 || part.Length > wire.MaxRead {
			return wire.ReadReply{}, fmt.Errorf("%s: %d bytes from %d on are not read in one piece", part.Name, part.Length, part.Offset)
		}
		sum += part.Length
	}
	if len(p.Parts) > wire.MaxReads || sum > wire.MaxReadSum {
		return wire.ReadReply{}, fmt.Errorf("%d files with %d bytes are too much for one call", len(p.Parts), sum)
	}
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	files, _, err := s.open(ctx, p.Store)
	if err != nil {
		return wire.ReadReply{}, err
	}
	reply := wire.ReadReply{Parts: make([]wire.PartReply, len(p.Parts))}
	var wg sync.WaitGroup
	for i, part := range p.Parts {
		wg.Go(func() {
			select {
			case s.room <- struct{}{}:
				defer func() { <-s.room }()
			case <-ctx.Done():
				reply.Parts[i].Problem = ctx.Err().Error()
				return
			}
			reply.Parts[i] = readPart(ctx, files, part)
		})
	}
	wg.Wait()
	if slices.ContainsFunc(reply.Parts, func(r wire.PartReply) bool { return r.Problem != "" }) {
		s.reopen()
	}
	return reply, ctx.Err()
}

func readPart(ctx context.Context, files store.Ranger, part wire.Part) (reply wire.PartReply) {
	defer func() { // the goroutine is not that of the call
		if bug := recover(); bug != nil {
			reply.Problem = fmt.Sprintf("flowls agent: internal error: %v", bug)
		}
	}()
	data, info, err := files.ReadRange(ctx, part.Name, part.Offset, part.Length)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		reply.Missing = true
	case err != nil:
		reply.Problem = err.Error()
	default:
		reply = wire.PartReply{Data: data, Size: info.Size, Modified: info.Modified, Attributes: info.Attributes}
	}
	return reply
}

// list lists a folder.
func (s *stores) list(ctx context.Context, p wire.ListParams) (wire.ListReply, error) {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	_, files, err := s.open(ctx, p.Store)
	if err != nil {
		return wire.ListReply{}, err
	}
	reply := wire.ListReply{Entries: []wire.Entry{}}
	err = files.List(ctx, p.Folder, func(e store.Entry) bool {
		if reply.More = len(reply.Entries) == wire.MaxListed; !reply.More {
			reply.Entries = append(reply.Entries, wire.Entry{Name: e.Name, Folder: e.Dir, Size: e.Info.Size, Modified: e.Info.Modified})
		}
		return !reply.More
	})
	if errors.Is(err, fs.ErrNotExist) {
		reply.Missing, err = true, nil
	}
	return reply, err
}
