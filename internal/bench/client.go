package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"os/exec"
	"strconv"
	"time"
)

// message is a JSON-RPC message as far as the measurements need it.
type message struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`

	at time.Time // when it was read
}

// client is an editor in miniature: it talks to a real server process.
type client struct {
	cmd      *exec.Cmd
	in       io.WriteCloser
	messages chan message
	next     int
}

// answer is how long a server may take before a measurement is given up.
const answer = 20 * time.Second

// spawn starts `flowls serve` and reads what it sends.
func spawn(ctx context.Context, e *env, dir string) (*client, error) {
	cmd := exec.CommandContext(ctx, e.flowls, "serve")
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &client{cmd: cmd, in: in, messages: make(chan message, 4096)}
	go c.read(out)
	return c, nil
}

func (c *client) read(out io.Reader) {
	defer close(c.messages)
	r := bufio.NewReaderSize(out, 1<<20)
	for {
		header, err := textproto.NewReader(r).ReadMIMEHeader()
		if err != nil {
			return
		}
		n, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			return
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		at := time.Now()
		var m message
		if json.Unmarshal(body, &m) != nil {
			return
		}
		m.at = at
		c.messages <- m
	}
}

func (c *client) send(m message) error {
	m.JSONRPC = "2.0"
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
}

func (c *client) notify(method string, params any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	return c.send(message{Method: method, Params: raw})
}

// request sends a request and waits for its answer.
func (c *client) request(method string, params any) (message, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return message{}, err
	}
	c.next++
	id := strconv.Itoa(c.next)
	if err := c.send(message{ID: json.RawMessage(id), Method: method, Params: raw}); err != nil {
		return message{}, err
	}
	m, err := c.until(func(m message) bool { return m.Method == "" && string(m.ID) == id })
	if err == nil && m.Error != nil {
		err = fmt.Errorf("%s: %s", method, m.Error.Message)
	}
	return m, err
}

// until waits for a message; requests of the server are answered with null.
func (c *client) until(wanted func(message) bool) (message, error) {
	deadline := time.NewTimer(answer)
	defer deadline.Stop()
	for {
		select {
		case <-deadline.C:
			return message{}, fmt.Errorf("the server did not answer within %v", answer)
		case m, ok := <-c.messages:
			if !ok {
				return message{}, errors.New("the server went away")
			}
			if m.Method != "" && m.ID != nil {
				if err := c.send(message{ID: m.ID, Result: json.RawMessage("null")}); err != nil {
					return message{}, err
				}
			}
			if wanted(m) {
				return m, nil
			}
		}
	}
}

// initialize does the handshake as VS Code does and returns when the answer came.
func (c *client) initialize(dir string) (time.Time, error) {
	return c.initializeWith(dir, map[string]any{"trusted": true})
}

func (c *client) initializeWith(dir string, options map[string]any) (time.Time, error) {
	uri := fileURI(dir)
	m, err := c.request("initialize", map[string]any{
		"processId": nil, "rootUri": uri,
		"workspaceFolders": []any{map[string]string{"uri": uri, "name": "bench"}},
		"capabilities": map[string]any{
			"general":      map[string]any{"positionEncodings": []string{"utf-16"}},
			"workspace":    map[string]any{"codeLens": map[string]bool{"refreshSupport": true}, "inlayHint": map[string]bool{"refreshSupport": true}},
			"textDocument": map[string]any{"publishDiagnostics": map[string]bool{"versionSupport": true}},
			"experimental": map[string]any{"flowls": map[string]bool{"runChanged": true}},
		},
		"initializationOptions": options,
	})
	if err != nil {
		return time.Time{}, err
	}
	return m.at, c.notify("initialized", map[string]any{})
}

func (c *client) open(path, text string) error {
	return c.notify("textDocument/didOpen", map[string]any{
		"textDocument": map[string]any{"uri": fileURI(path), "languageId": "python", "version": 1, "text": text},
	})
}

// published waits for the diagnostics of a version of a file.
func (c *client) published(uri string, version int) (message, []json.RawMessage, error) {
	var p struct {
		URI         string            `json:"uri"`
		Version     int               `json:"version"`
		Diagnostics []json.RawMessage `json:"diagnostics"`
	}
	m, err := c.until(func(m message) bool {
		if m.Method != "textDocument/publishDiagnostics" || json.Unmarshal(m.Params, &p) != nil {
			return false
		}
		return p.URI == uri && p.Version >= version
	})
	return m, p.Diagnostics, err
}

// quit ends the server as an editor does and waits for it.
func (c *client) quit() error {
	_, err := c.request("shutdown", nil)
	if nerr := c.notify("exit", nil); err == nil {
		err = nerr
	}
	_ = c.in.Close()
	for range c.messages { // until the server closes its end
	}
	if werr := c.cmd.Wait(); err == nil {
		err = werr
	}
	return err
}

func fileURI(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }
