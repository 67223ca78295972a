package chaostest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"flowls/runner/local"
	"flowls/runner/runnertest"
	"flowls/server"
)

var (
	rounds  = flag.Int("chaos.rounds", 20, "how many runs are disturbed")
	seed    = flag.Uint64("chaos.seed", 4, "decides victims and moments")
	only    = flag.Int("chaos.only", -1, "only this round of the seed")
	workers = flag.Int("chaos.workers", 3, "how many rounds go on at a time")
)

// The test binary plays server and supervisor, as flowls itself does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "supervise":
			os.Exit(local.Supervise(os.Args[2]))
		case "serve":
			exe, err := os.Executable()
			if err == nil {
				err = server.Serve(context.Background(), os.Stdin, os.Stdout, server.Options{Executable: exe})
			}
			if err != nil {
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	flag.Parse()
	os.Exit(m.Run())
}

// victims of kill -9. The group is Metaflow with its tasks, the session has the
// supervisor as well; a stop kills nobody, and is as sudden.
var victims = []string{"server", "supervisor", "python", "group", "session", "everything", "stop"}

const flowText = `from metaflow import FlowSpec, step


class Chaos(FlowSpec):
    @step
    def start(self):
        self.x = list(range(100))
        print("start was here", flush=True)
        self.next(self.end)

    @step
    def end(self):
        print("end was here", flush=True)


if __name__ == "__main__":
    Chaos()
`

// typical is about how long the flow takes on a machine with nothing else to do.
const typical = 2 * time.Second

func TestChaos(t *testing.T) {
	t.Logf("seed %d, %d rounds: -chaos.seed=%d -chaos.only=ROUND repeats one", *seed, *rounds, *seed)
	var mu sync.Mutex
	seen := map[string]int{}
	var work sync.WaitGroup
	next := make(chan int)
	for range *workers {
		work.Go(func() {
			for i := range next {
				outcome := newRound(t, i).play()
				mu.Lock()
				seen[outcome]++
				mu.Unlock()
			}
		})
	}
	for i := range *rounds {
		if *only < 0 || i == *only {
			next <- i
		}
	}
	close(next)
	work.Wait()
	var lines []string
	died, lived := 0, 0
	for outcome, n := range seen {
		lines = append(lines, fmt.Sprintf("%4d × %s", n, outcome))
		if strings.Contains(outcome, "succeeded") {
			lived += n
		} else {
			died += n
		}
	}
	slices.Sort(lines)
	t.Log("victim: what was recorded, what was shown\n" + strings.Join(lines, "\n"))
	if *rounds >= 20 && *only < 0 && (died == 0 || lived == 0) {
		t.Error("the kills came always, or never, too late: this shows nothing")
	}
}

// round is one run that is disturbed, in a workspace of its own.
type round struct {
	t        *testing.T
	name     string
	random   *rand.Rand
	victim   string
	delay    time.Duration
	dir      string
	environ  []string
	registry *local.Registry
	server   *client
}

func newRound(t *testing.T, i int) *round {
	random := rand.New(rand.NewPCG(*seed, uint64(i)))
	r := &round{t: t, random: random, victim: victims[random.IntN(len(victims))], delay: time.Duration(random.Int64N(int64(typical)))}
	if random.IntN(4) == 0 { // starting takes this long, and has the most that can go wrong
		r.delay %= 50 * time.Millisecond
	}
	r.name = fmt.Sprintf("round %d (%s after %v)", i, r.victim, r.delay.Round(time.Millisecond))
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r.dir = dir
	if err := os.WriteFile(r.script(), []byte(flowText), 0o600); err != nil {
		t.Fatal(err)
	}
	r.environ = append(runnertest.Env(dir), "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	r.registry = &local.Registry{Dir: filepath.Join(dir, "state", "flowls", "runs")}
	return r
}

func (r *round) script() string { return filepath.Join(r.dir, "flow.py") }
func (r *round) uri() string    { return (&url.URL{Scheme: "file", Path: r.script()}).String() }

func (r *round) errorf(format string, args ...any) {
	r.t.Errorf(r.name+": "+format, args...)
}

// open starts a server with the flow open.
func (r *round) open() {
	r.server = startServer(r.t, r.environ)
	root := (&url.URL{Scheme: "file", Path: r.dir}).String()
	if err := r.server.call("initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": root, "capabilities": map[string]any{},
		"workspaceFolders":      []any{map[string]any{"uri": root, "name": "w"}},
		"initializationOptions": map[string]any{"trusted": true, "interpreter": runnertest.Python(r.t)},
	}, nil); err != nil {
		r.errorf("initialize: %v", err)
	}
	r.server.send(map[string]any{"method": "initialized", "params": map[string]any{}})
	r.server.send(map[string]any{"method": "textDocument/didOpen", "params": map[string]any{
		"textDocument": map[string]any{"uri": r.uri(), "languageId": "python", "version": 1, "text": flowText},
	}})
}

// play runs the flow, kills the victim, and judges what is shown afterwards.
func (r *round) play() string {
	r.open()
	started := r.server.command("flowls.run", map[string]any{"uri": r.uri(), "flow": "Chaos"})
	if r.victim != "server" { // a moment of the run, not of its start
		r.until("the run has a process", func() bool {
			rec := r.record()
			return rec != nil && (rec.Leader.PID != 0 || rec.Status.Done())
		})
	}
	<-time.After(r.delay)
	r.kill()
	if r.victim == "server" || r.victim == "everything" {
		r.server.end()
		r.open()
	} else if a, ok := <-started; !ok || a.Error != nil && !(r.beheads() && strings.Contains(a.Error.Message, "the supervisor ended before the run started")) {
		r.errorf("the run was not started: %v %+v", ok, a.Error)
	}
	outcome := r.judge()
	r.server.quit()
	r.nothingLeft()
	return r.victim + ": " + outcome
}

// beheads: the supervisor is among the victims.
func (r *round) beheads() bool {
	return slices.Contains([]string{"supervisor", "session", "everything"}, r.victim)
}

// record is the run's, nil while there is none.
func (r *round) record() *local.Record {
	all, unreadable, err := r.registry.Survey()
	if err != nil || len(unreadable) > 0 || len(all) > 1 {
		r.errorf("records: %v, %v, %v", all, unreadable, err)
	}
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

func (r *round) kill() {
	rec := r.record()
	kill := func(pid int) {
		if pid != 0 && pid != -1 { // an ended one cannot be killed: the moment came too late
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if rec != nil && rec.Status.Done() {
		rec = nil // its process ids may be another's by now
	}
	if r.victim == "server" || r.victim == "everything" {
		kill(r.server.cmd.Process.Pid)
	}
	if rec == nil {
		return
	}
	switch r.victim {
	case "stop":
		if a, ok := <-r.server.command("flowls.stop", map[string]any{"runId": rec.ID}); !ok || a.Error != nil {
			r.errorf("stop: %v %+v", ok, a.Error)
		}
	case "supervisor":
		kill(rec.Supervisor.PID)
	case "python":
		kill(rec.Leader.PID)
	case "group":
		kill(-rec.Leader.PID)
	case "session", "everything":
		kill(rec.Supervisor.PID)
		kill(-rec.Leader.PID)
	}
}

// judge compares what the editor is shown with what was recorded, and that
// with what Metaflow left on disk.
func (r *round) judge() string {
	var shown server.RunInfo
	r.until("the run is shown as ended", func() bool {
		if rec := r.record(); rec == nil {
			return true
		}
		var answer server.RunsResult
		if err := r.server.call("flowls/runs", map[string]any{"uri": r.uri(), "flow": "Chaos"}, &answer); err != nil {
			r.errorf("flowls/runs: %v", err)
			return true
		}
		if len(answer.Runs) != 1 {
			return false // the new server is still reading
		}
		shown = answer.Runs[0]
		return shown.Status != "running" && shown.Status != "starting"
	})
	rec := r.record()
	if rec == nil {
		if r.victim != "server" && r.victim != "everything" {
			r.errorf("there is no record of the run")
		}
		return "none, none"
	}
	reached := r.reachedEnd(rec)
	beheaded := rec.Supervisor.PID == 0 // the server died before the supervisor began
	right := map[local.Status]bool{
		local.Succeeded: reached,
		local.Failed:    rec.Exit != nil && rec.Exit.Signal == "killed" && (r.victim == "python" || r.victim == "group"),
		local.Stopped:   r.victim == "stop",
		local.Lost:      beheaded && r.victim == "server" || r.beheads(),
	}
	if !right[rec.Status] {
		r.errorf("recorded as %s, %+v; end reached: %v", rec.Status, rec.Exit, reached)
	}
	// A lost run may have got to its end: the disk knows.
	want := "failed"
	if rec.Status == local.Succeeded || rec.Status == local.Lost && reached {
		want = "succeeded"
	}
	if rec.Status == local.Stopped {
		want = "stopped"
	}
	if string(shown.Status) != want {
		r.until("the state is the right one", func() bool { // a task whose scheduler died goes on to its end
			var answer server.RunsResult
			if err := r.server.call("flowls/runs", map[string]any{"uri": r.uri(), "flow": "Chaos"}, &answer); err != nil || len(answer.Runs) != 1 {
				return false
			}
			shown = answer.Runs[0]
			if rec.Status == local.Lost && r.reachedEnd(rec) {
				want = "succeeded"
			}
			return string(shown.Status) == want
		})
	}
	if want == "failed" && shown.Reason == "" {
		r.errorf("nothing says why it failed: %+v", shown)
	}
	if rec.Stoppable() {
		if rec.Status != local.Lost {
			r.errorf("%s, and yet something of it lives", rec.Status)
		}
		if a, ok := <-r.server.command("flowls.stop", map[string]any{"runId": rec.ID}); !ok || a.Error != nil {
			r.errorf("stop: %v %+v", ok, a.Error)
		}
	}
	r.filesAreWhole(rec)
	return fmt.Sprintf("%s, %s", rec.Status, shown.Status)
}

// reachedEnd: Metaflow recorded that the last step ended well.
func (r *round) reachedEnd(rec *local.Record) bool {
	found, err := filepath.Glob(filepath.Join(r.dir, ".metaflow", "Chaos", rec.RunID, "end", "*", "_meta", "sysmeta_attempt_ok_*"))
	if err != nil || rec.RunID == "" || len(found) == 0 {
		return false
	}
	data, err := os.ReadFile(found[0])
	return err == nil && strings.Contains(string(data), `"value": "True"`)
}

func (r *round) until(what string, holds func() bool) {
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			r.errorf("not within a minute: %s", what)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}
