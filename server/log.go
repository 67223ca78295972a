package server

import (
	"context"
	"log/slog"
	"strings"

	"go.lsp.dev/protocol"
)

// clientLog sends warnings and errors to the client's log as well as to base.
type clientLog struct {
	base   slog.Handler
	client *client
}

func newClientLog(base *slog.Logger, c *client) slog.Handler {
	if base == nil {
		base = discardLog()
	}
	return &clientLog{base: base.Handler(), client: c}
}

func (h *clientLog) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn || h.base.Enabled(ctx, level)
}

func (h *clientLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		var b strings.Builder
		b.WriteString(r.Message)
		r.Attrs(func(a slog.Attr) bool {
			b.WriteString(" " + a.Key + "=" + a.Value.String())
			return true
		})
		kind := protocol.MessageTypeWarning
		if r.Level >= slog.LevelError {
			kind = protocol.MessageTypeError
		}
		// Not through client.sent: a failure to log must not be logged.
		_ = h.client.LogMessage(h.client.ctx, &protocol.LogMessageParams{Type: kind, Message: b.String()})
	}
	if !h.base.Enabled(ctx, r.Level) {
		return nil
	}
	return h.base.Handle(ctx, r)
}

func (h *clientLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &clientLog{base: h.base.WithAttrs(attrs), client: h.client}
}

func (h *clientLog) WithGroup(name string) slog.Handler {
	return &clientLog{base: h.base.WithGroup(name), client: h.client}
}
