package systemtest

import (
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The protocol's exit codes: 0 after shutdown and exit, 1 otherwise; and the
// server never outlives its input.
func TestExitCodes(t *testing.T) {
	binary := build(t)
	initialize := frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`)
	shutdown := frame(`{"jsonrpc":"2.0","id":2,"method":"shutdown"}`)
	exit := frame(`{"jsonrpc":"2.0","method":"exit"}`)
	for _, c := range []struct {
		name, input string
		closes      bool // input ends; else it stays open, as an editor's does
		want        int
	}{
		{"shutdown and exit", initialize + shutdown + exit, false, 0},
		{"exit without shutdown", initialize + exit, false, 1},
		{"exit at once", exit, false, 1},
		{"input ends after shutdown", initialize + shutdown, true, 0},
		{"input ends", initialize, true, 1},
		{"no input at all", "", true, 1},
		{"garbage", "GET / HTTP/1.1\r\n\r\n", false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), binary, "serve")
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(in, c.input); err != nil {
				t.Fatal(err)
			}
			if c.closes {
				in.Close()
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				cmd.Process.Kill()
				t.Fatal("the server does not end")
			}
			got := cmd.ProcessState.ExitCode()
			if c.want == 0 && got != 0 || c.want != 0 && got == 0 {
				t.Errorf("exit code %d, want %d", got, c.want)
			}
		})
	}
}

func frame(body string) string {
	return strings.Join([]string{"Content-Length: " + strconv.Itoa(len(body)), "", body}, "\r\n")
}
