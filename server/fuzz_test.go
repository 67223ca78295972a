package server_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"flowls/server"
	"flowls/server/fakeeditor"
)

// FuzzFrames sends arbitrary bytes: the server ends, and does not panic.
func FuzzFrames(f *testing.F) {
	frame := func(body string) string { return "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body }
	initialize := frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`)
	f.Add([]byte(initialize))
	f.Add([]byte(initialize + frame(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a.py","languageId":"python","version":1,"text":"x"}}}`) +
		frame(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///a.py","version":2},"contentChanges":[{"range":{"start":{"line":9,"character":9},"end":{"line":0,"character":0}},"text":"y"}]}}`)))
	f.Add([]byte(initialize + frame(`[{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{}},{"jsonrpc":"2.0","id":"x","method":"shutdown"}]`)))
	f.Add([]byte("Content-Length: -1\r\n\r\n{}"))
	f.Add([]byte(initialize + frame(`{"jsonrpc":"2.0","id":3,"method":"workspace/executeCommand","params":{"command":"flowls.showGraph","arguments":[{}]}}`)))
	f.Fuzz(func(t *testing.T, frames []byte) {
		here, there := net.Pipe()
		ended := make(chan error, 1)
		go func() {
			ended <- server.Serve(t.Context(), there, there, server.Options{ProcessAlive: func(int) bool { return true }})
		}()
		go io.Copy(io.Discard, here)
		here.SetWriteDeadline(time.Now().Add(fakeeditor.Deadline))
		_, err := here.Write(frames) // the server may hang up before the end
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("the server does not read")
		}
		here.Close()
		select {
		case <-ended:
		case <-time.After(fakeeditor.Deadline):
			t.Fatal("the server does not end")
		}
	})
}
