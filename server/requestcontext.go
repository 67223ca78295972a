package server

import (
	"context"

	"go.lsp.dev/jsonrpc2"
)

// requestContext ends with the connection, and finds values (the token that
// jsonrpc2.Async needs) in the request.
//
// jsonrpc2's own request context must not become the parent of another
// context: the request is recycled when an inline handler returns, while the
// goroutine that context.WithCancel starts for a foreign parent (as
// CancelHandler does) still reads it, which crashes the process. A parent made
// of standard contexts needs no such goroutine.
type requestContext struct {
	context.Context
	request context.Context
}

func newRequestContext(ctx context.Context) context.Context {
	return requestContext{Context: jsonrpc2.DetachContext(ctx), request: ctx}
}

// Value is looked up in the request, whose parent is the connection's context.
func (c requestContext) Value(key any) any { return c.request.Value(key) }
