package agentlink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowls/runner/agent"
	"flowls/runner/agent/wire"
)

// TestMain plays agents: a real one, and such as misbehave.
func TestMain(m *testing.M) {
	switch os.Getenv("AGENT_KIND") {
	case "":
		os.Exit(m.Run())
	case "real":
		if err := agent.New(os.Getenv).Serve(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
	case "crashes": // at the first call
		_, _ = os.Stdin.Read(make([]byte, 1))
		panic("the agent has a bug")
	case "hangs":
		_, _ = io.Copy(io.Discard, os.Stdin)
		select {}
	case "floods":
		_, _ = os.Stdin.Read(make([]byte, 1))
		fmt.Printf("Content-Length: %d\r\n\r\n", 1<<30)
		for {
			if _, err := os.Stdout.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	case "babbles":
		_, _ = os.Stdin.Read(make([]byte, 1))
		fmt.Println("hello")
	}
}

func linked(t *testing.T, kind string) *Link {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AGENT_KIND", kind)
	l := &Link{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Command: func() ([]string, error) { return []string{self}, nil }}
	t.Cleanup(l.Close)
	return l
}

func TestCall(t *testing.T) {
	l := linked(t, "real")
	if l.Running() {
		t.Error("an agent that nobody has asked for")
	}
	var reply struct{}
	if err := l.Call(t.Context(), wire.Ping, nil, &reply); err != nil {
		t.Fatal(err)
	}
	if !l.Running() {
		t.Error("the agent has ended after a call")
	}
	first := l.process.cmd.Process.Pid
	t.Setenv("METAFLOW_SERVICE_URL", "") // the agent has the environment of its start
	var runs wire.RunsReply
	err := l.Call(t.Context(), wire.Runs, wire.RunsParams{Where: wire.Where{Dir: t.TempDir()}, Flow: "F"}, &runs)
	if err == nil || !strings.Contains(err.Error(), "metadata service") {
		t.Errorf("without a service: %v", err)
	}
	if err := l.Call(t.Context(), "nonsense", nil, nil); err == nil || !strings.Contains(err.Error(), "method not found") {
		t.Errorf("no such method: %v", err)
	}
	if l.process.cmd.Process.Pid != first {
		t.Error("an error of a call cost the agent its life")
	}
	l.Close()
	if alive(first) {
		t.Error("the agent outlives the link")
	}
	if l.Running() {
		t.Error("it is said to run still")
	}
	if err := l.Call(t.Context(), wire.Ping, nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// The user gives up: the agent stays.
func TestGivenUp(t *testing.T) {
	l := linked(t, "real")
	if err := l.Call(t.Context(), wire.Ping, nil, nil); err != nil {
		t.Fatal(err)
	}
	pid := l.process.cmd.Process.Pid
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Call(ctx, wire.Ping, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := l.Call(t.Context(), wire.Ping, nil, nil); err != nil || l.process.cmd.Process.Pid != pid {
		t.Errorf("%v", err)
	}
}

// An agent that crashes, hangs or says too much is ended and said so; the next
// call has a new one, and after that there are pauses.
func TestMisbehaving(t *testing.T) {
	for kind, says := range map[string]string{
		"crashes": "the agent has a bug", "hangs": "did not answer within", "floods": "its answer was too large", "babbles": "flowls agent ended",
	} {
		l := linked(t, kind)
		now := time.Now()
		l.Now = func() time.Time { return now }
		l.Limit = 30 * time.Second
		if kind == "hangs" {
			l.Limit = 50 * time.Millisecond
		}
		var pids []int
		start := l.Command
		for try := range 4 {
			l.Command = start
			err := func() error {
				p, err := l.running()
				if err != nil {
					return err
				}
				pids = append(pids, p.cmd.Process.Pid)
				var reply json.RawMessage
				return l.Call(t.Context(), wire.Ping, struct{}{}, &reply)
			}()
			switch try {
			case 0, 1:
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("%s, try %d: %v", kind, try, err)
				}
			case 2:
				if err == nil || !strings.Contains(err.Error(), "can be asked again in 1s") {
					t.Errorf("%s, too soon: %v", kind, err)
				}
				now = now.Add(time.Second)
			case 3:
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("%s, after the pause: %v", kind, err)
				}
			}
		}
		l.Close()
		if len(pids) != 3 {
			t.Errorf("%s: %d agents were started", kind, len(pids))
		}
		for _, pid := range pids {
			if alive(pid) {
				t.Errorf("%s: agent %d is left", kind, pid)
			}
		}
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
