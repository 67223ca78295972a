package fakeeditor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// Message is a notification or request of the server.
type Message struct {
	Method string
	Params json.RawMessage
}

func (m Message) String() string { return fmt.Sprintf("%s %s", m.Method, m.Params) }

// inbox keeps what arrived, in order, until the test takes it.
type inbox struct {
	mu       sync.Mutex
	messages []Message
	arrived  chan struct{} // closed and replaced at each arrival
}

func newInbox() *inbox { return &inbox{arrived: make(chan struct{})} }

func (b *inbox) add(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, m)
	close(b.arrived)
	b.arrived = make(chan struct{})
}

// take removes and returns the first message that fits; or a channel to wait on.
func (b *inbox) take(fits func(Message) bool) (Message, bool, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.messages, fits)
	if i < 0 {
		return Message{}, false, b.arrived
	}
	m := b.messages[i]
	b.messages = slices.Delete(b.messages, i, i+1)
	return m, true, nil
}

func (b *inbox) rest() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.messages)
}

// handle receives what the server sends, in order. Requests are then answered
// beside what follows: an answer may have to wait until the server reads again.
func (e *Editor) handle(ctx context.Context, req *jsonrpc2.Request) (any, error) {
	m := Message{Method: strings.Clone(req.Method()), Params: slices.Clone([]byte(req.Params()))}
	switch m.Method {
	case protocol.MethodWorkspaceConfiguration, protocol.MethodWindowWorkDoneProgressCreate, // seen by their effect
		protocol.MethodCancelRequest:
	default:
		e.inbox.add(m)
	}
	if !req.IsCall() {
		return nil, nil
	}
	jsonrpc2.Async(ctx)
	return e.answer(m)
}

func (e *Editor) answer(m Message) (any, error) {
	switch m.Method {
	case protocol.MethodWorkspaceConfiguration:
		var params protocol.ConfigurationParams
		if err := protocol.Unmarshal(m.Params, &params); err != nil {
			return nil, err
		}
		values := []any{}
		for _, item := range params.Items {
			section := ""
			if item.Section != nil {
				section = *item.Section
			}
			values = append(values, e.Configuration[section])
		}
		raw, err := json.Marshal(values)
		return jsonrpc2.RawMessage(raw), err
	case protocol.MethodWindowShowMessageRequest:
		var params protocol.ShowMessageRequestParams
		if err := protocol.Unmarshal(m.Params, &params); err != nil {
			return nil, err
		}
		if e.Refuse != nil {
			return nil, e.Refuse()
		}
		if e.Answer == nil {
			return nil, nil
		}
		return e.Answer(params), nil
	case protocol.MethodWindowShowDocument:
		return &protocol.ShowDocumentResult{Success: true}, nil
	}
	return nil, nil
}

// Await takes the first message of a method that is not taken yet, waits for
// it if needed, and decodes its parameters.
func (e *Editor) Await(method string, params any) {
	e.t.Helper()
	m := e.AwaitMessage(method, func(m Message) bool { return true })
	if params == nil {
		return
	}
	if err := protocol.Unmarshal(m.Params, params); err != nil {
		e.t.Fatalf("%s: %v", m, err)
	}
}

// AwaitMessage takes the first message of a method that fits.
func (e *Editor) AwaitMessage(method string, fits func(Message) bool) Message {
	e.t.Helper()
	timeout := time.After(Deadline)
	for {
		m, ok, arrived := e.inbox.take(func(m Message) bool { return m.Method == method && fits(m) })
		if ok {
			return m
		}
		select {
		case <-arrived:
		case <-timeout:
			e.t.Fatalf("no %s within %v; there is: %v", method, Deadline, e.inbox.rest())
		}
	}
}

// Discard forgets the messages of the methods that have arrived so far, and tells how many there were.
func (e *Editor) Discard(methods ...string) int {
	for n := 0; ; n++ {
		_, ok, _ := e.inbox.take(func(m Message) bool { return slices.Contains(methods, m.Method) })
		if !ok {
			return n
		}
	}
}
