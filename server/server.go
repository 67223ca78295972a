package server

import (
	"context"
	"io"
	"log/slog"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// server is one connection. Its methods are the LSP methods, one file each.
type server struct {
	protocol.UnimplementedServer // answers MethodNotFound for the rest

	options   Options
	log       *slog.Logger
	session   *Session
	client    *client
	lifecycle lifecycle
	commands  commandSet
	features  []Feature
	diags     *diagnostics
	// configuration decides which findings are published.
	configuration *configuration
	runs          *runs
	remote        *remote
	kube          *kubeWatch
	kubePreflight *kubePreflight
	workspace     *workspace
	names         *names
	progress      progressSet

	ctx    context.Context // lives as long as the connection
	cancel context.CancelFunc
	stopMu sync.Mutex
	wg     sync.WaitGroup // everything started with background
	exited chan struct{}  // closed by exit, or when the parent process is gone

	exitOnce, panicOnce sync.Once
}

func newServer(ctx context.Context, conn jsonrpc2.Conn, options Options) *server {
	ctx, cancel := context.WithCancel(ctx)
	s := &server{
		options: options,
		session: newSession(),
		ctx:     ctx,
		cancel:  cancel,
		exited:  make(chan struct{}),
	}
	s.session.report = s.reportPanic
	s.workspace = newWorkspace(s)
	s.names = newNames(s)
	s.session.site = s.workspace.site
	s.client = newClient(ctx, conn)
	s.log = slog.New(newClientLog(options.Log, s.client))
	s.client.log = s.log
	s.client.background = s.background
	s.commands = staticCommands()
	s.progress.init(s)
	s.diags = newDiagnostics(s)
	s.configuration = newConfiguration(s)
	for _, make := range featureMakers {
		s.features = append(s.features, make(s))
	}
	return s
}

// background runs f until the connection ends. f must watch ctx. Once the
// connection has ended nothing is started any more.
func (s *server) background(name string, f func(ctx context.Context)) {
	s.stopMu.Lock()
	defer s.stopMu.Unlock()
	if s.ctx.Err() != nil {
		return
	}
	s.wg.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				s.reportPanic(name, r)
			}
		}()
		f(s.ctx)
	})
}

// stop ends all background work and waits for it.
func (s *server) stop() {
	s.stopMu.Lock()
	s.cancel()
	s.stopMu.Unlock()
	for _, f := range s.features {
		f.Close()
	}
	s.wg.Wait()
}

// exit makes Serve return.
func (s *server) exit() { s.exitOnce.Do(func() { close(s.exited) }) }

func discardLog() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
