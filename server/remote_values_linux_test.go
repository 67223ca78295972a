package server_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowls/runner/runnertest"
	"flowls/server"

	"go.lsp.dev/protocol"
	"golang.org/x/sys/unix"
)

const remoteFlow = `import random

from metaflow import FlowSpec, Parameter, card, step


class Far(FlowSpec):
    alpha = Parameter("alpha", default=0.5)
    fail = Parameter("fail", default=False)

    @card(type="blank")
    @step
    def start(self):
        self.items = ["a", "b"]
        self.rate = 0.93 * self.alpha
        self.rows = list(range(1000))
        self.text = "x" * 3_000_000
        self.noise = random.Random(1).randbytes(3_000_000)
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.upper = self.input.upper()
        print("worked on", self.input)
        if self.fail and self.input == "b":
            raise ValueError("bad input " + self.input)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all = [i.upper for i in inputs]
        print("joined", len(self.all))
        self.next(self.end)

    @step
    def end(self):
        self.done = True


if __name__ == "__main__":
    Far()
`

// runs it as in a terminal; whether it succeeds is up to the flow.
func (b *workbench) inTerminal(env []string, args ...string) (string, error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, runnertest.Python(b.t), append([]string{b.path}, args...)...)
	cmd.Dir, cmd.Env = b.dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// agents are the processes that this one started as agents.
func agents(t *testing.T) []int {
	t.Helper()
	var found []int
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lines {
		argv, err := os.ReadFile(path)
		if err != nil || !bytes.HasSuffix(argv, []byte("\x00agent\x00")) {
			continue
		}
		stat, err := os.ReadFile(filepath.Join(filepath.Dir(path), "stat"))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if fields[1] == strconv.Itoa(os.Getpid()) && fields[0] != "Z" {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, pid)
		}
	}
	return found
}

func (b *workbench) newestRun() string {
	b.t.Helper()
	runs := b.runs()
	if len(runs) == 0 {
		b.t.Fatal("no runs")
	}
	return runs[0].MetaflowRunID
}

func (b *workbench) showValues() server.RemoteValues {
	b.t.Helper()
	var shown server.RemoteValues
	if err := b.execute("flowls.showRemoteValues", map[string]any{"uri": b.buffer.URI, "flow": b.flow}, &shown); err != nil {
		b.t.Fatal(err)
	}
	return shown
}

// What a run keeps in S3 is shown as what one keeps in .metaflow, once the user
// has asked for it; before, nothing that could read it is even started.
func TestRemoteValues(t *testing.T) {
	b := newWorkbench(t, "Far", remoteFlow)
	s3 := runnertest.StartS3(t)
	for _, pair := range s3.Env { // the agent inherits them
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	if out, err := b.inTerminal(nil, "run"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b.open(false)
	b.until("values of the local run", func() bool { return len(b.hints()) == 8 })
	local := b.hints()
	b.close()
	if out, err := b.inTerminal(nil, "--datastore", "s3", "--metadata", "local", "run"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	b.open(false)
	const offer = "⇣ values in S3: show"
	b.until("the lens offers", func() bool { return strings.Contains(b.lensOf("class Far"), offer) })
	far := b.newestRun()
	info := b.run(far)
	if info.Status != "succeeded" || len(info.Steps) != 4 || info.Steps[1].Name != "work" || info.Steps[1].Done != 2 || info.EndedAt == "" {
		t.Errorf("state without the data: %+v", info)
	}
	if hints := b.hints(); len(hints) != 0 {
		t.Errorf("hints: %q", hints)
	}
	if said := b.hover("self.rate"); !strings.Contains(said, "values in S3: show") {
		t.Errorf("hover %q", said)
	}
	if err := b.execute("flowls.showRemoteValues", map[string]any{"uri": b.buffer.URI, "flow": "Far"}, nil); err == nil || !strings.Contains(err.Error(), "not trusted") {
		t.Errorf("untrusted: %v", err)
	}
	if n := len(agents(t)); n != 0 {
		t.Fatalf("%d agents before anyone asked", n)
	}
	b.close()

	b.open(true)
	b.until("the lens offers", func() bool { return strings.Contains(b.lensOf("class Far"), offer) })
	artifact := map[string]any{"uri": b.buffer.URI, "pathspec": "Far/" + far + "/start/1/noise"}
	var value server.ArtifactInfo
	if err := b.editor.TryCall("flowls/artifact", artifact, &value); err == nil || !strings.Contains(err.Error(), "flowls.showRemoteValues") {
		t.Errorf("artifact before: %v", err)
	}
	if n := len(agents(t)); n != 0 {
		t.Fatalf("%d agents before anyone asked", n)
	}
	if shown := b.showValues(); len(shown.Stores) != 1 || shown.Stores[0] != "s3://flows/metaflow" {
		t.Errorf("%+v", shown)
	}
	var said protocol.ShowMessageParams
	b.editor.Await("window/showMessage", &said)
	if said.Message != "Values of Far are read from s3://flows/metaflow." {
		t.Errorf("said %q", said.Message)
	}
	b.until("values as of the local run", func() bool { return fmt.Sprint(b.hints()) == fmt.Sprint(local) })
	b.until("the lens offers no more", func() bool { return !strings.Contains(b.lensOf("class Far"), offer) })
	b.until("cards have a lens", func() bool { return strings.Contains(b.lensOf("def start"), "▤ Card") })
	if said := b.hover("self.rate"); !strings.Contains(said, "**value** `0.465`") {
		t.Errorf("hover %q", said)
	}
	b.editor.Call("flowls/artifact", artifact, &value)
	if value.Size < 3_000_000 || value.Type != "bytes" || value.Description == nil {
		t.Errorf("%+v", value)
	}
	detail := b.run(far)
	if work := detail.Steps[1]; len(work.TasksDetail) != 2 || len(work.TasksDetail[0].Artifacts) != 8 || work.TasksDetail[0].Foreach == "" {
		t.Errorf("%+v", work)
	}
	if cards := detail.Steps[0].TasksDetail[0].Cards; len(cards) != 1 || !cards[0].Remote {
		t.Errorf("cards %+v", cards)
	}
	cards := b.cards(map[string]any{"runId": far, "step": "start"})
	if len(cards) != 1 || cards[0].Remote || cards[0].Type != "blank" {
		t.Fatalf("cards %+v", cards)
	}
	if page, err := os.ReadFile(cards[0].Path); err != nil || !bytes.Contains(page, []byte("<html")) {
		t.Errorf("card: %.100s, %v", page, err)
	}
	if log := b.log(map[string]any{"runId": far, "step": "work"}); !strings.Contains(log.Text, "worked on a") || !log.Done {
		t.Errorf("log %+v", log)
	}
	b.exports("Far/" + far + "/start/1/items") // Metaflow itself finds it
	var diff server.DiffResult
	b.request("flowls/diff", map[string]any{"uri": b.buffer.URI, "flow": "Far"}, &diff)
	if !strings.Contains(diff.Text, "= work") || strings.Contains(diff.Text, "→ ≠") {
		t.Errorf("difference to the local run:\n%s", diff.Text)
	}

	if out, err := b.inTerminal(nil, "--datastore", "s3", "--metadata", "local", "run", "--fail", "True"); err == nil {
		t.Fatalf("it did not fail\n%s", out)
	}
	b.diagnostics("the exception stands at its line", func(all []protocol.Diagnostic) bool {
		d, ok := b.failures(all)["raise ValueError(\"bad input \" + self.input)"]
		return ok && strings.HasPrefix(string(d.Message.(protocol.String)), "ValueError: bad input b\n")
	})

	before := agents(t)
	if len(before) != 1 {
		t.Fatalf("agents %v", before)
	}
	b.agentDies(far, before[0])
}

// agentDies: what is being read fails with words, and the next question is answered.
func (b *workbench) agentDies(run string, pid int) {
	b.t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil { // so that it is in the middle of it
		b.t.Fatal(err)
	}
	log := map[string]any{"runId": run, "step": "join"} // nobody has read it yet
	failed := make(chan error, 1)
	go func() {
		var said server.LogResult
		failed <- b.editor.TryCall("flowls/log", log, &said)
	}()
	b.until("the question has been asked", func() bool { return waitsForAgent(b.t, pid) })
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		b.t.Fatal(err)
	}
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "flowls agent ended") || !strings.Contains(err.Error(), "ask again") {
		b.t.Errorf("the agent died: %v", err)
	}
	var said server.LogResult
	if err := b.editor.TryCall("flowls/log", log, &said); err != nil || !strings.Contains(said.Text, "joined 2") || !said.Done {
		b.t.Errorf("afterwards: %+v, %v", said, err)
	}
	if now := agents(b.t); len(now) != 1 || now[0] == pid {
		b.t.Errorf("agents %v, before %d", now, pid)
	}
}

// waitsForAgent: something lies in the input of a process that does not read it.
func waitsForAgent(t *testing.T, pid int) bool {
	t.Helper()
	in, err := os.Open(fmt.Sprintf("/proc/%d/fd/0", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	n, err := unix.IoctlGetInt(int(in.Fd()), unix.TIOCINQ)
	if err != nil {
		t.Fatal(err)
	}
	return n > 0
}
