package remotestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/store"
)

// agent answers from a folder, as far as it works.
type agent struct {
	t     *testing.T
	files store.Local

	mu     sync.Mutex
	calls  []any
	broken error
	hangs  bool
}

func (a *agent) Call(ctx context.Context, method string, params, result any) error {
	a.mu.Lock()
	a.calls = append(a.calls, params)
	broken, hangs := a.broken, a.hangs
	a.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	if broken != nil {
		return broken
	}
	switch p := params.(type) {
	case wire.ReadParams:
		reply := result.(*wire.ReadReply)
		var sum int64
		for _, part := range p.Parts {
			sum += part.Length
			reply.Parts = append(reply.Parts, a.read(ctx, part))
		}
		if len(p.Parts) > wire.MaxReads || sum > wire.MaxReadSum || method != wire.StoreRead {
			a.t.Errorf("%s of %d parts and %d bytes", method, len(p.Parts), sum)
		}
	case wire.ListParams:
		reply := result.(*wire.ListReply)
		err := a.files.List(ctx, p.Folder, func(e store.Entry) bool {
			reply.Entries = append(reply.Entries, wire.Entry{Name: e.Name, Folder: e.Dir, Size: e.Info.Size})
			return true
		})
		reply.Missing = errors.Is(err, fs.ErrNotExist)
	}
	return nil
}

func (a *agent) read(ctx context.Context, part wire.Part) wire.PartReply {
	file, info, err := a.files.Open(ctx, part.Name, part.Offset)
	if err != nil {
		return wire.PartReply{Missing: errors.Is(err, fs.ErrNotExist), Problem: map[bool]string{false: err.Error()}[errors.Is(err, fs.ErrNotExist)]}
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, part.Length))
	if err != nil {
		a.t.Error(err)
	}
	return wire.PartReply{Data: data, Size: info.Size, Modified: info.Modified, Attributes: info.Attributes}
}

func (a *agent) asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.calls)
}

func (a *agent) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

func (a *agent) write(name string, data []byte) {
	a.t.Helper()
	path := filepath.Join(a.files.Root, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
		a.t.Fatal(err)
	}
}

func newStore(t *testing.T) (*agent, *Store, *int) {
	a := &agent{t: t, files: store.Local{Root: t.TempDir()}}
	arrived := 0
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	stores := New(ctx, a, func(wire.Store) { arrived++ })
	return a, stores.Open(wire.Store{Kind: "s3", Root: "s3://b/p"}), &arrived
}

// value is the name of a file that does not change.
func value(n int) string { return fmt.Sprintf("F/data/ab/%040x", n) }

// What many readers want is fetched in few calls, and once.
func TestTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, s, arrived := newStore(t)
		const values = 100
		for i := range values {
			a.write(value(i), fmt.Appendf(nil, "value %d", i))
		}
		read := func(ctx context.Context) (int, error) {
			good := 0
			for i := range values {
				data, err := store.ReadFile(ctx, s, value(i), 100)
				switch {
				case errors.Is(err, store.ErrPending):
				case err != nil || string(data) != fmt.Sprintf("value %d", i):
					return 0, fmt.Errorf("value %d: %q, %w", i, data, err)
				default:
					good++
				}
			}
			return good, nil
		}
		hasty, missing := store.AtOnce(t.Context())
		if n, err := read(hasty); n != 0 || err != nil || !missing.Any() {
			t.Errorf("at once: %d, %v", n, err)
		}
		if n, err := store.Together(t.Context(), read); n != values || err != nil {
			t.Errorf("together: %d, %v", n, err)
		}
		if n := a.asked(); n != 2 {
			t.Errorf("%d values took %d calls", values, n)
		}
		synctest.Wait()
		if *arrived != 2 {
			t.Errorf("told %d times that something arrived", *arrived)
		}
		time.Sleep(time.Hour) // they do not change
		hasty, missing = store.AtOnce(t.Context())
		if n, err := read(hasty); n != values || err != nil || missing.Any() || a.asked() != 2 {
			t.Errorf("later: %d, %v after %d calls", n, err, a.asked())
		}
	})
}

// A large file comes in pieces of bounded size, whatever is skipped.
func TestLarge(t *testing.T) {
	a, s, _ := newStore(t)
	large := make([]byte, 9<<20)
	for i := range large {
		large[i] = byte(rand.Uint32())
	}
	a.write(value(1), large)
	file, info, err := s.Open(t.Context(), value(1), 0)
	if err != nil || info.Size != int64(len(large)) {
		t.Fatalf("%+v, %v", info, err)
	}
	got, err := io.ReadAll(file)
	if err != nil || !bytes.Equal(got, large) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	for _, call := range a.calls {
		for _, part := range call.(wire.ReadParams).Parts {
			if part.Length > wire.MaxRead {
				t.Errorf("%d bytes in one piece", part.Length)
			}
		}
	}
	before := a.asked()
	file, _, err = s.Open(t.Context(), value(1), 100)
	if err != nil {
		t.Fatal(err)
	}
	end := make([]byte, 10)
	if at, err := file.(io.Seeker).Seek(int64(len(large)-110), io.SeekCurrent); err != nil || at != int64(len(large)-10) {
		t.Fatalf("%d, %v", at, err)
	}
	if n, err := io.ReadFull(file, end); n != 10 || err != nil || !bytes.Equal(end, large[len(large)-10:]) || a.asked() != before+1 {
		t.Errorf("the end: %d, %v, %d calls", n, err, a.asked()-before)
	}
	if _, err := file.Read(end); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	file, _, err = s.Open(ctx, value(1), 1<<20)
	cancel()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Read(end); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// What is kept stays below its bound, whatever is read.
func TestMemory(t *testing.T) {
	a, s, _ := newStore(t)
	for i := range 1000 {
		name := value(i)
		a.write(name, make([]byte, head))
		if _, err := s.Stat(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	m := &s.stores.memory
	if m.size > maxMemory || m.size < maxMemory/2 || m.recent.Len() != len(m.pieces) {
		t.Errorf("%d bytes in %d pieces, %d known", m.size, m.recent.Len(), len(m.pieces))
	}
	var sum int64
	for e := m.recent.Front(); e != nil; e = e.Next() {
		sum += e.Value.(*piece).size()
	}
	if sum != m.size {
		t.Errorf("%d bytes are kept, %d counted", sum, m.size)
	}
}

// A log that grows is seen to grow by one who waits, and soon enough by one who does not.
func TestChanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, s, _ := newStore(t)
		const log = "F/1/start/1/0.task_stdout.log"
		size := func(ctx context.Context) string {
			info, err := s.Stat(ctx, log)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return "missing"
			case errors.Is(err, store.ErrPending):
				synctest.Wait()
				return "pending"
			case err != nil:
				return err.Error()
			}
			return fmt.Sprint(info.Size)
		}
		expect := func(when, want, got string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
		}
		hasty, _ := store.AtOnce(t.Context())
		expect("before", "missing", size(t.Context()))
		a.write(log, []byte("one"))
		expect("at once", "missing", size(hasty))
		time.Sleep(fresh)
		expect("waiting", "3", size(t.Context()))
		a.write(log, []byte("one two"))
		expect("at once", "3", size(hasty))
		time.Sleep(stale)
		expect("after a while", "pending", size(hasty))
		time.Sleep(time.Second)
		expect("then", "7", size(hasty))
	})
}

// What is wrong is said, and asked again later; one bad file costs the others nothing.
func TestProblems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, s, _ := newStore(t)
		a.write(value(1), []byte("fine"))
		for _, name := range []string{"", ".", "../x", "/etc/passwd", "F/../../x"} {
			if _, err := s.Stat(t.Context(), name); err == nil || a.asked() != 0 {
				t.Errorf("%q: %v after %d calls", name, err, a.asked())
			}
			if err := s.List(t.Context(), name, func(store.Entry) bool { return true }); err == nil || a.asked() != 0 {
				t.Errorf("list of %q: %v after %d calls", name, err, a.asked())
			}
		}
		a.set(func() { a.broken = errors.New("flowls agent ended: killed; ask again") })
		hasty, missing := store.AtOnce(t.Context())
		_, err := s.Stat(hasty, value(1))
		if err := missing.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if !errors.Is(err, store.ErrPending) {
			t.Errorf("at first: %v", err)
		}
		if _, err := s.Stat(hasty, value(1)); err == nil || !strings.Contains(err.Error(), "ask again") || a.asked() != 1 {
			t.Errorf("at once: %v after %d calls", err, a.asked())
		}
		before := a.asked()
		if _, err := store.Together(t.Context(), func(ctx context.Context) (store.Info, error) { return s.Stat(ctx, value(1)) }); err == nil || !strings.Contains(err.Error(), "ask again") || a.asked() != before+1 {
			t.Errorf("together: %v after %d calls", err, a.asked()-before)
		}
		a.set(func() { a.broken = nil })
		if _, err := store.Together(t.Context(), func(ctx context.Context) (store.Info, error) { return s.Stat(ctx, value(1)) }); err != nil {
			t.Errorf("together, another time: %v", err)
		}
		a.set(func() { a.broken = errors.New("flowls agent ended: killed; ask again") })
		if _, err := s.Stat(t.Context(), value(9)); err == nil {
			t.Error("a broken agent answers")
		}
		a.set(func() { a.broken = nil })
		if _, err := s.Stat(t.Context(), value(1)); err != nil {
			t.Errorf("one who asks again and waits: %v", err)
		}
		if _, err := s.Stat(hasty, value(1)); err != nil {
			t.Errorf("and then: %v", err)
		}
		a.set(func() { a.hangs = true })
		began := time.Now()
		if _, err := s.Stat(t.Context(), value(2)); err == nil || !strings.Contains(err.Error(), "does not answer") || time.Since(began) > callLimit+time.Second {
			t.Errorf("an agent that hangs: %v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		if _, err := s.Stat(ctx, value(3)); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 2*time.Second {
			t.Errorf("given up: %v after %v", err, time.Since(began))
		}
		synctest.Wait()
		time.Sleep(callLimit)
	})
}

func TestList(t *testing.T) {
	a, s, _ := newStore(t)
	a.write("F/1/start/1/0.data.json", nil)
	a.write("F/1/end/2/0.data.json", nil)
	var names []string
	err := s.List(t.Context(), "F/1", func(e store.Entry) bool {
		names = append(names, fmt.Sprint(e.Name, e.Dir))
		return true
	})
	if err != nil || strings.Join(names, " ") != "endtrue starttrue" && strings.Join(names, " ") != "starttrue endtrue" {
		t.Errorf("%q, %v", names, err)
	}
	if err := s.List(t.Context(), "F/2", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such folder: %v", err)
	}
}
