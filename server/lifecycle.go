package server

import (
	"context"
	"sync/atomic"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// lifecycle is the order that LSP prescribes: initialize, work, shutdown, exit.
type lifecycle struct{ phase atomic.Int32 }

const (
	phaseNew int32 = iota
	phaseRunning
	phaseShutDown
)

// gate refuses requests and drops notifications that come too early or too late.
// exit always passes.
func (l *lifecycle) gate(next jsonrpc2.Handler) jsonrpc2.Handler {
	return func(ctx context.Context, req *jsonrpc2.Request) (any, error) {
		method := req.Method()
		if method == protocol.MethodExit {
			return next(ctx, req)
		}
		var refusal *jsonrpc2.Error
		switch phase := l.phase.Load(); {
		case phase == phaseNew && method != protocol.MethodInitialize:
			refusal = jsonrpc2.Errorf(jsonrpc2.ServerNotInitialized, "%s before initialize", method)
		case phase == phaseRunning && method == protocol.MethodInitialize:
			refusal = jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "initialize may be sent only once")
		case phase == phaseShutDown:
			refusal = jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "%s after shutdown", method)
		default:
			return next(ctx, req)
		}
		if !req.IsCall() {
			return nil, nil
		}
		return nil, refusal
	}
}

func (l *lifecycle) initialized() { l.phase.Store(phaseRunning) }
func (l *lifecycle) shutDown()    { l.phase.Store(phaseShutDown) }
func (l *lifecycle) clean() bool  { return l.phase.Load() == phaseShutDown }
