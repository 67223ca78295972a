package agentlink

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.lsp.dev/jsonrpc2"
)

// process is one agent.
type process struct {
	cmd    *exec.Cmd
	conn   jsonrpc2.Conn
	budget *budget
	stderr *tail
	gone   chan struct{} // closed when the process has ended
	ended  sync.Once
	exit   error // once gone is closed
}

// endGrace is how long an agent has to end when its input does.
const endGrace = time.Second

func start(argv []string, log *slog.Logger, told func(method string, params []byte)) (*process, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C in the editor's terminal is not for it
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	p := &process{cmd: cmd, stderr: &tail{}, gone: make(chan struct{}), budget: &budget{from: out}}
	cmd.Stderr = p.stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	log.Info("flowls agent started", "pid", cmd.Process.Pid)
	p.conn = jsonrpc2.NewConn(jsonrpc2.NewStream(&pipes{p.budget, out, in}))
	p.conn.Go(context.Background(), p.hearing(told))
	go func() {
		<-p.conn.Done() // the output has been read to its end, or further than allowed
		select {
		case <-p.waited():
		case <-time.After(endGrace):
			_ = cmd.Process.Kill() // ended meanwhile: fine
			<-p.gone
		}
	}()
	return p, nil
}

// hearing hands on what the agent says unasked, and gives it room to say more.
func (p *process) hearing(told func(method string, params []byte)) jsonrpc2.Handler {
	return func(ctx context.Context, req *jsonrpc2.Request) (any, error) {
		if told == nil || req.IsCall() {
			return jsonrpc2.MethodNotFoundHandler(ctx, req)
		}
		told(req.Method(), req.Params())
		p.budget.add(int64(len(req.Params()) + frameRoom))
		return nil, nil
	}
}

// frameRoom is more than what stands around the parameters of a notification.
const frameRoom = 256

// waited waits for the end of the process; once the connection is done.
func (p *process) waited() <-chan struct{} {
	go func() {
		p.exit = p.cmd.Wait()
		close(p.gone)
	}()
	return p.gone
}

// end ends the process and waits until it is gone.
func (p *process) end() {
	p.ended.Do(func() {
		closing := make(chan struct{})
		go func() {
			_ = p.conn.Close() // its input ends
			close(closing)
		}()
		select {
		case <-p.gone:
		case <-time.After(endGrace):
			_ = p.cmd.Process.Kill()
		}
		<-closing
	})
	<-p.gone
}

// cancel tells the agent that nobody waits for an answer any more.
func (p *process) cancel(id jsonrpc2.ID) {
	_ = p.conn.Notify(context.Background(), "rpc.cancel", []jsonrpc2.ID{id}) // an agent that is gone needs no telling
}

// reason says why the agent ended, with the last words that it wrote to stderr.
func (p *process) reason(err error) string {
	if p.budget.exceeded.Load() {
		return "its answer was too large"
	}
	select {
	case <-p.gone:
		err = p.exit
	case <-time.After(endGrace):
	}
	why := "it closed its output"
	if err != nil {
		why = err.Error()
	}
	if last := p.stderr.last(); last != "" {
		why += ": " + last
	}
	return why
}

// pipes are the streams of the agent as one.
type pipes struct {
	*budget
	out io.Closer
	in  io.WriteCloser
}

func (p *pipes) Write(b []byte) (int, error) { return p.in.Write(b) }
func (p *pipes) Close() error                { return errors.Join(p.in.Close(), p.out.Close()) }

// budget bounds what the agent may say: so much per call under way.
type budget struct {
	from     io.Reader
	left     atomic.Int64
	exceeded atomic.Bool
}

var errTooLarge = errors.New("the agent says more than it was asked for")

// slack is allowed beyond what was asked for: answers that were given up.
const slack = 1 << 20

func (b *budget) add(n int64) {
	if n < 0 && b.left.Load()+n < 0 {
		b.left.Store(0)
		return
	}
	b.left.Add(n)
}

func (b *budget) Read(to []byte) (int, error) {
	n, err := b.from.Read(to)
	if b.left.Add(-int64(n)) < -slack {
		b.exceeded.Store(true)
		return 0, errTooLarge
	}
	return n, err
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const maxTail = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - maxTail; over > 0 {
		t.text = append([]byte(nil), t.text[over:]...)
	}
	return len(b), nil
}

// last is the first line of the last words: a panic begins with it.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	line, _, _ := strings.Cut(strings.TrimSpace(string(t.text)), "\n")
	return line
}
