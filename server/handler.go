package server

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// handler is the chain that every message passes:
//
//	guard      recovers panics, keeps errors of notifications from failing the connection
//	lifecycle  refuses what may not come before initialize or after shutdown
//	cancel     $/cancelRequest cancels the context of the request
//	custom     flowls/* requests; other unknown methods
//	dispatch   the methods of protocol.Server
//
// Nothing here is asynchronous: a request handler lets go with begin.
func (s *server) handler() jsonrpc2.Handler {
	dispatch := protocol.ServerHandler(s, jsonrpc2.MethodNotFoundHandler)
	return s.guard(s.lifecycle.gate(protocol.CancelHandler(s.custom(dispatch))))
}

// guard is the outermost handler. A panic or an error of a notification would
// close the connection (jsonrpc2 v1), a panic of a request as well.
func (s *server) guard(next jsonrpc2.Handler) jsonrpc2.Handler {
	return func(ctx context.Context, req *jsonrpc2.Request) (result any, err error) {
		isCall, method := req.IsCall(), strings.Clone(req.Method())
		defer func() {
			if r := recover(); r != nil {
				s.reportPanic(method, r)
				result, err = nil, jsonrpc2.Errorf(jsonrpc2.InternalError, "flowls failed in %s; its log says more", method)
			}
			switch {
			case err == nil:
			case isCall && isCancelled(err):
				result, err = nil, protocol.ErrRequestCancelled
			case !isCall:
				if !strings.HasPrefix(method, "$/") { // optional by definition
					s.log.Warn("notification failed", "method", method, "error", err)
				}
				result, err = nil, nil
			}
		}()
		return next(newRequestContext(ctx), req)
	}
}

func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, protocol.ErrRequestCancelled)
}

// reportPanic logs a bug; the user hears of it once per session.
func (s *server) reportPanic(where string, r any) {
	s.log.Error("panic", "in", where, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
	s.panicOnce.Do(func() {
		s.client.showMessage(protocol.MessageTypeError,
			"flowls hit a bug in "+where+" and went on. Its log has the details; please report it.")
	})
}

// custom routes the methods that are not part of LSP.
func (s *server) custom(next jsonrpc2.Handler) jsonrpc2.Handler {
	return func(ctx context.Context, req *jsonrpc2.Request) (any, error) {
		if h, ok := customRequests[req.Method()]; ok && req.IsCall() {
			params := append([]byte(nil), req.Params()...)
			return h(s, ctx, params)
		}
		if !standard[req.Method()] {
			return jsonrpc2.MethodNotFoundHandler(ctx, req)
		}
		return next(ctx, req)
	}
}
