package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// ExecuteCommand looks the command up, checks trust, and hands it its one argument.
func (s *server) ExecuteCommand(ctx context.Context, params *protocol.ExecuteCommandParams) (protocol.LSPAny, error) {
	name, arguments, token := strings.Clone(params.Command), params.Arguments, params.WorkDoneToken
	snapshot := s.begin(ctx)
	c := s.commands[name]
	if c == nil {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "there is no command %q; the commands are %s",
			name, strings.Join(s.commands.names(), ", "))
	}
	if c.NeedsTrust && !snapshot.Settings.Trusted {
		return nil, errUntrusted(name)
	}
	if len(arguments) != 1 || !isObject(arguments[0]) {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s takes one JSON object as its only argument", name)
	}
	result, err := c.run(ctx, commandCall{server: s, snapshot: snapshot, token: token}, json.RawMessage(arguments[0]))
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

func isObject(raw []byte) bool {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == '{'
}

func bytesReader(raw []byte) io.Reader { return bytes.NewReader(raw) }
