// Package agent is the role of flowls that talks to everything beyond this
// machine. The server starts it at the user's first command that needs it, and
// never links it: a crash or a hang here costs no keystroke there.
package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"

	"flowls/runner/agent/wire"
	"flowls/runner/runstate"
	"flowls/runner/runstate/service"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"
	"github.com/creachadair/jrpc2/handler"
)

// Agent answers the server. The zero value is not ready: see New.
type Agent struct {
	getenv func(string) string
	stores *stores

	mu     sync.Mutex
	config service.Config
	source *service.Source // of config

	kube followed
	logs podLogs
}

// New makes an agent that reads Metaflow's configuration with getenv.
func New(getenv func(string) string) *Agent { return &Agent{getenv: getenv, stores: newStores(getenv)} }

// Serve answers calls until the input ends.
func (a *Agent) Serve(in io.Reader, out io.WriteCloser) error {
	compare := &checks{getenv: a.getenv}
	methods := handler.Map{
		wire.Ping: handler.New(func(context.Context) (struct{}, error) { return struct{}{}, nil }),
		wire.Runs: handler.New(answering(a.runs)),
		wire.Run:  handler.New(answering(a.run)),

		wire.KubeFollow:   handler.New(answering(a.kube.follow)),
		wire.KubeUnfollow: handler.New(answering(a.kube.unfollow)),
		wire.KubeWork:     handler.New(answering(kubeWork)),
		wire.KubeTake:     handler.New(answering(Take)),
		wire.KubeLog:      handler.New(answering(a.logs.read)),

		wire.StoreRead: handler.New(answering(a.stores.read)),
		wire.StoreList: handler.New(answering(a.stores.list)),

		wire.KubeInventory: handler.New(answering(compare.inventory)),
		wire.KubeCheck:     handler.New(answering(compare.check)),
		wire.KubeUnstock:   handler.New(answering(compare.stocks.unstock)),
	}
	const atOnce = 16
	server := jrpc2.NewServer(methods, &jrpc2.ServerOptions{Concurrency: atOnce, AllowPush: true})
	a.kube.push, compare.stocks.push = server.Notify, server.Notify
	defer a.kube.close()
	defer compare.stocks.close()
	defer a.logs.close()
	err := server.Start(channel.LSP(in, out)).Wait()
	if err == nil || errors.Is(err, io.EOF) || channel.IsErrClosing(err) {
		return nil
	}
	return err
}

// answering turns a bug into an error of the one call that hit it.
func answering[P, R any](f func(context.Context, P) (R, error)) func(context.Context, P) (R, error) {
	return func(ctx context.Context, p P) (reply R, err error) {
		defer func() {
			if bug := recover(); bug != nil {
				err = fmt.Errorf("flowls agent: internal error: %v", bug)
			}
		}()
		return f(ctx, p)
	}
}

// from is the source for a folder. Connections are kept while the configuration stays.
func (a *Agent) from(dir string) (*service.Source, error) {
	config, err := service.Configured(dir, a.getenv)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.source == nil || !reflect.DeepEqual(a.config, config) {
		a.config, a.source = config, service.New(config)
		a.source.Open = Opener(dir, a.getenv)
	}
	return a.source, nil
}

func (a *Agent) runs(ctx context.Context, p wire.RunsParams) (wire.RunsReply, error) {
	source, err := a.from(p.Dir)
	if err != nil {
		return wire.RunsReply{}, err
	}
	runs, err := source.Runs(ctx, p.Flow, p.Limit)
	if runs == nil {
		runs = []*runstate.Run{}
	}
	return wire.RunsReply{Source: source.String(), Runs: runs}, err
}

func (a *Agent) run(ctx context.Context, p wire.RunParams) (wire.RunReply, error) {
	source, err := a.from(p.Dir)
	if err != nil {
		return wire.RunReply{}, err
	}
	run, err := source.Run(ctx, p.Flow, p.ID)
	return wire.RunReply{Source: source.String(), Run: run}, err
}
