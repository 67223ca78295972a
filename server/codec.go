package server

import (
	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// Codec marshals payloads with the protocol package, which knows the LSP's
// unions; the library keeps its own copy unexported.
type Codec struct{}

var _ jsonrpc2.Codec = Codec{}

// Marshal encodes v; raw messages pass through, nil is null.
func (Codec) Marshal(v any) ([]byte, error) {
	switch m := v.(type) {
	case jsonrpc2.RawMessage:
		return rawOrNull(m), nil
	case *jsonrpc2.RawMessage:
		if m == nil {
			return []byte("null"), nil
		}
		return rawOrNull(*m), nil
	}
	return protocol.Marshal(v)
}

// Unmarshal decodes data into v; a raw message gets its own copy.
func (Codec) Unmarshal(data []byte, v any) error {
	if raw, ok := v.(*jsonrpc2.RawMessage); ok {
		*raw = append(jsonrpc2.RawMessage{}, data...)
		return nil
	}
	return protocol.Unmarshal(data, v)
}

func rawOrNull(m jsonrpc2.RawMessage) []byte {
	if len(m) == 0 {
		return []byte("null")
	}
	return m
}
