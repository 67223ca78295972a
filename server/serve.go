package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// Options of Serve.
type Options struct {
	// Version is reported to the client; empty means the version of this package.
	Version string
	// Log receives what the server logs; nil discards it. The client gets
	// warnings and errors through window/logMessage as well.
	Log *slog.Logger
	// Executable is the path of the flowls binary, which run features start as
	// supervisor; empty means os.Executable, asked when it is needed.
	Executable string
	// ProcessAlive reports whether the process that started the server lives;
	// nil asks the operating system.
	ProcessAlive func(pid int) bool
}

// ErrNoShutdown reports that the client ended the connection without a shutdown
// request: the protocol asks for exit code 1.
var ErrNoShutdown = errors.New("the client went away without a shutdown request")

// Serve speaks LSP on in and out until the client sends exit, closes in, or
// dies. It returns nil if the client asked for shutdown before.
// All work has ended when it returns, except a read of in that cannot be interrupted.
func Serve(ctx context.Context, in io.Reader, out io.Writer, options Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn := jsonrpc2.NewConn(jsonrpc2.NewStream(&stdio{in: in, out: out}), jsonrpc2.WithCodec(Codec{}))
	s := newServer(ctx, conn, options)
	defer s.stop()
	conn.Go(ctx, s.handler())
	select {
	case <-conn.Done():
	case <-s.exited:
	case <-ctx.Done():
	}
	cancel()
	drain(conn)
	if s.lifecycle.clean() {
		return nil
	}
	if err := conn.Err(); err != nil {
		return err
	}
	return ErrNoShutdown
}

// drain closes the connection and waits for the requests being handled. A
// read of a terminal or pipe that cannot be interrupted is not waited for.
func drain(conn jsonrpc2.Conn) {
	go conn.Close()
	select {
	case <-conn.Done():
	case <-time.After(time.Second):
	}
}

// stdio joins the two directions. Closing closes both, if they can be closed.
type stdio struct {
	in  io.Reader
	out io.Writer
}

func (s *stdio) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s *stdio) Write(p []byte) (int, error) { return s.out.Write(p) }

func (s *stdio) Close() error {
	var errs []error
	if c, ok := s.in.(io.Closer); ok {
		errs = append(errs, c.Close())
	}
	if c, ok := s.out.(io.Closer); ok {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

var _ protocol.Server = (*server)(nil)
