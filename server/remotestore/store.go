package remotestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"sync"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/store"
)

// Store is one data store. It implements store.Files.
type Store struct {
	stores *Stores
	at     wire.Store

	mu      sync.Mutex
	coming  map[pieceKey]*piece
	queue   []*piece
	callers int // goroutines that empty the queue
}

var _ store.Files = (*Store)(nil)

const (
	// head is how much of a file is fetched at first: most values and all records are smaller.
	head = 64 << 10
	// second is how much is fetched next; then ever more, up to what one call may have.
	second = 512 << 10
	// callLimit bounds one call: the agent bounds it lower.
	callLimit = 50 * time.Second
	// fresh is how old a piece of a file that may change is for one who waits for it,
	// and stale for one who takes what is at hand.
	fresh = 2 * time.Second
	stale = 30 * time.Second
)

// Location is where the store is.
func (s *Store) Location() string { return s.at.Root }

// lasting are files that do not change once they are there: values by their hash,
// and what an attempt stored.
var lasting = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`/data/[0-9a-f]{2}/[0-9a-f]{40}$|/[0-9]+\.(data\.json|runtime)$`)
})

// usable reports whether a known piece answers a reader.
func usable(p *piece, noted *store.Missing) bool {
	age := time.Since(p.at)
	waits := noted == nil || !noted.Waiting().IsZero()
	switch {
	case p.err != nil || p.reply.Problem != "": // one who asks and waits has it tried again, once
		return !waits && age < stale || noted != nil && waits && p.at.After(noted.Waiting())
	case !p.key.folder && !p.reply.Missing && lasting().MatchString(p.key.name):
		return true
	case waits:
		return age < fresh
	}
	return age < stale
}

// get is a piece: known, or fetched now; ErrPending if the reader does not wait.
func (s *Store) get(ctx context.Context, key pieceKey, length int64) (*piece, error) {
	noted := store.NotedBy(ctx)
	if p := s.stores.memory.get(key); p != nil && p.length >= length && usable(p, noted) {
		return p, p.problem()
	}
	p, err := s.want(key, length, noted != nil)
	if err != nil {
		return nil, err
	}
	if noted != nil {
		select {
		case <-p.done: // it came meanwhile
			return p, p.problem()
		default:
		}
		noted.Note(p.done)
		return nil, fmt.Errorf("%s: %w", key.name, store.ErrPending)
	}
	select {
	case <-p.done:
		return p, p.problem()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// problem is why there is no such piece.
func (p *piece) problem() error {
	switch {
	case p.err != nil:
		return p.err
	case p.reply.Problem != "":
		return errors.New(p.reply.Problem)
	case p.reply.Missing || p.list.Missing:
		return fmt.Errorf("%s/%s: %w", p.key.store.Root, p.key.name, fs.ErrNotExist)
	}
	return nil
}

func (s *Store) head(ctx context.Context, name string) (*piece, error) {
	if !fs.ValidPath(name) || name == "." {
		return nil, fmt.Errorf("%q is not a name in a data store", name)
	}
	return s.get(ctx, pieceKey{store: s.at, name: name}, head)
}

func (p *piece) info() store.Info {
	return store.Info{Size: p.reply.Size, Modified: p.reply.Modified, Attributes: p.reply.Attributes}
}

// Stat is that of store.Files.
func (s *Store) Stat(ctx context.Context, name string) (store.Info, error) {
	p, err := s.head(ctx, name)
	if err != nil {
		return store.Info{}, err
	}
	return p.info(), nil
}

// Open is that of store.Files.
func (s *Store) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, store.Info, error) {
	p, err := s.head(ctx, name)
	if err != nil {
		return nil, store.Info{}, err
	}
	return &file{s: s, ctx: ctx, head: p, at: offset, next: second}, p.info(), nil
}

// List is that of store.Files.
func (s *Store) List(ctx context.Context, dir string, yield func(store.Entry) bool) error {
	if !fs.ValidPath(dir) || dir == "." {
		return fmt.Errorf("%q is not a name in a data store", dir)
	}
	p, err := s.get(ctx, pieceKey{store: s.at, name: dir, folder: true}, 0)
	if err != nil {
		return err
	}
	for _, e := range p.list.Entries {
		if !yield(store.Entry{Name: e.Name, Dir: e.Folder, Info: store.Info{Size: e.Size, Modified: e.Modified}}) {
			return nil
		}
	}
	if p.list.More {
		return fmt.Errorf("%s/%s has more than %d names: %w", s.at.Root, dir, wire.MaxListed, store.ErrTooLarge)
	}
	return nil
}

// file is a file that is being read. Its beginning is there; the rest is fetched in growing pieces.
type file struct {
	s    *Store
	ctx  context.Context
	head *piece
	at   int64
	next int64 // how much is fetched next

	data []byte // from at on
}

// keptPiece bounds the pieces that are kept: who reads a large value reads it once.
const keptPiece = second

func (f *file) Read(to []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	if len(to) == 0 {
		return 0, nil
	}
	if len(f.data) == 0 {
		if err := f.fetch(); err != nil {
			return 0, err
		}
	}
	n := copy(to, f.data)
	f.data = f.data[n:]
	f.at += int64(n)
	return n, nil
}

func (f *file) fetch() error {
	if f.at < int64(len(f.head.reply.Data)) {
		f.data = f.head.reply.Data[f.at:]
		return nil
	}
	if f.at >= f.head.reply.Size {
		return io.EOF
	}
	length := min(f.next, f.head.reply.Size-f.at)
	key := pieceKey{store: f.s.at, name: f.head.key.name, offset: f.at}
	var p *piece
	var err error
	if length <= keptPiece || store.NotedBy(f.ctx) != nil {
		p, err = f.s.get(f.ctx, key, min(length, keptPiece))
	} else {
		p = &piece{key: key, length: length}
		f.s.ask(f.ctx, []*piece{p}) // what is given up is not fetched on
		err = p.problem()
	}
	if err != nil {
		return err
	}
	if len(p.reply.Data) == 0 {
		return io.ErrUnexpectedEOF // it was cut meanwhile
	}
	f.next = min(2*f.next, wire.MaxRead)
	f.data = p.reply.Data
	return nil
}

// Seek moves on without reading.
func (f *file) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.head.reply.Size
	}
	if offset < 0 {
		return f.at, errors.New("a place before the beginning of a file")
	}
	if skipped := offset - f.at; skipped >= 0 && skipped < int64(len(f.data)) {
		f.data = f.data[skipped:]
	} else {
		f.data = nil
	}
	f.at = offset
	return offset, nil
}

func (f *file) Close() error { return nil }
