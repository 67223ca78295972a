package chaostest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"
)

// client is an editor that knows only what it needs: the server is a process
// of its own, because it is going to be killed.
type client struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser

	mu      sync.Mutex // of what is below, and of in
	last    int
	answers map[int]chan answer
	gone    bool
}

type answer struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

// errGone: the server is not there to answer.
var errGone = errors.New("the server is gone")

func startServer(t *testing.T, environ []string) *client {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, cmd: exec.Command(exe, "serve"), answers: map[int]chan answer{}}
	c.cmd.Env = append(os.Environ(), environ...)
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err == nil {
		c.in, err = c.cmd.StdinPipe()
	}
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go c.read(textproto.NewReader(bufio.NewReader(out)))
	return c
}

func (c *client) read(r *textproto.Reader) {
	for {
		header, err := r.ReadMIMEHeader()
		if err != nil {
			break
		}
		n, _ := strconv.Atoi(header.Get("Content-Length"))
		body := make([]byte, n)
		if _, err := io.ReadFull(r.R, body); err != nil {
			break
		}
		var m struct {
			ID     json.RawMessage
			Method string
			answer
		}
		if err := json.Unmarshal(body, &m); err != nil {
			c.t.Errorf("%s: %v", body, err)
			break
		}
		if m.Method != "" {
			if m.ID != nil { // nothing that it asks matters here
				c.send(map[string]any{"id": m.ID, "result": nil})
			}
			continue
		}
		id, _ := strconv.Atoi(string(m.ID))
		c.mu.Lock()
		waiting := c.answers[id]
		delete(c.answers, id)
		c.mu.Unlock()
		if waiting != nil {
			waiting <- m.answer
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	for _, waiting := range c.answers {
		close(waiting)
	}
	clear(c.answers)
}

func (c *client) send(m map[string]any) {
	m["jsonrpc"] = "2.0"
	body, err := json.Marshal(m)
	if err != nil {
		c.t.Error(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = fmt.Fprintf(c.in, "Content-Length: %d\r\n\r\n%s", len(body), body) // a server that is gone hears nothing
}

// begin sends a request; the channel gives the answer, or ends.
func (c *client) begin(method string, params any) <-chan answer {
	waiting := make(chan answer, 1)
	c.mu.Lock()
	c.last++
	id := c.last
	if c.gone {
		close(waiting)
	} else {
		c.answers[id] = waiting
	}
	c.mu.Unlock()
	c.send(map[string]any{"id": id, "method": method, "params": params})
	return waiting
}

func (c *client) call(method string, params, result any) error {
	select {
	case a, ok := <-c.begin(method, params):
		switch {
		case !ok:
			return errGone
		case a.Error != nil:
			return errors.New(a.Error.Message)
		case result == nil:
			return nil
		}
		return json.Unmarshal(a.Result, result)
	case <-time.After(time.Minute):
		return fmt.Errorf("%s: no answer within a minute", method)
	}
}

func (c *client) command(name string, argument any) <-chan answer {
	return c.begin("workspace/executeCommand", map[string]any{"command": name, "arguments": []any{argument}})
}

// quit ends the server as an editor does.
func (c *client) quit() {
	c.t.Helper()
	if err := c.call("shutdown", nil, nil); err != nil && !errors.Is(err, errGone) {
		c.t.Errorf("shutdown: %v", err)
	}
	c.send(map[string]any{"method": "exit"})
	_ = c.in.Close()
	c.end()
}

// end waits for the process, which may have been killed.
func (c *client) end() {
	ended := make(chan error, 1)
	go func() { ended <- c.cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		c.t.Error("the server does not end")
		_ = c.cmd.Process.Kill()
		<-ended
	}
}
