package kube

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// printing is an API server with one pod that prints.
type printing struct {
	mu      sync.Mutex
	lines   []LogLine
	grew    chan struct{}
	waiting bool // the container has not begun
	over    bool
	gone    bool
	denied  bool
	follows int // how often the log was followed
	breaks  bool
	queries []string
}

func (p *printing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	gone, over, waiting, denied := p.gone, p.over, p.waiting, p.denied
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	isLog := strings.HasSuffix(r.URL.Path, "/pods/t-1-x/log")
	switch {
	case gone:
		refuse(w, http.StatusNotFound, v1.StatusReasonNotFound, `pods "t-1-x" not found`)
	case denied && isLog:
		refuse(w, http.StatusForbidden, v1.StatusReasonForbidden, "pods/log is forbidden")
	case isLog && waiting:
		refuse(w, http.StatusBadRequest, v1.StatusReasonBadRequest, `container "fit" in pod "t-1-x" is waiting to start: ContainerCreating`)
	case isLog:
		p.log(w, r)
	default:
		pod := corev1.Pod{TypeMeta: v1.TypeMeta{APIVersion: "v1", Kind: "Pod"}}
		status := corev1.ContainerStatus{Name: "fit"}
		if over {
			status.State.Terminated = &corev1.ContainerStateTerminated{}
		}
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "proxy"}, status}
		_ = json.NewEncoder(w).Encode(pod)
	}
}

// log answers as a kubelet: from a second on, and with follow until the container ends.
func (p *printing) log(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	since, _ := time.Parse(time.RFC3339, query.Get("sinceTime"))
	follow := query.Get("follow") == "true"
	p.mu.Lock()
	p.queries = append(p.queries, r.URL.RawQuery)
	if follow {
		p.follows++
	}
	p.mu.Unlock()
	at := 0
	for {
		p.mu.Lock()
		lines, over, grew := p.lines[at:], p.over, p.grew
		at = len(p.lines)
		p.mu.Unlock()
		for _, line := range lines {
			if !line.At.Before(since) {
				fmt.Fprintf(w, "%s %s\n", line.At.Format(time.RFC3339Nano), line.Text)
			}
		}
		w.(http.Flusher).Flush()
		if !follow || over || p.breaks && len(lines) > 0 {
			return
		}
		select {
		case <-grew:
		case <-r.Context().Done():
			return
		}
	}
}

func (p *printing) print(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	if p.grew != nil {
		close(p.grew)
	}
	p.grew = make(chan struct{})
}

func (p *printing) opens(t *testing.T) *PodLog {
	t.Helper()
	p.print(func() {})
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	client, err := Connect(Access{Kubeconfig: kubeconfig(t, server.URL, "")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.CloseClientConnections)
	return client.Log(t.Context(), "team", "t-1-x", "fit")
}

func at(nanoseconds int, text string) LogLine {
	return LogLine{podTime.Add(time.Duration(nanoseconds)), text}
}

var podTime = time.Date(2026, 11, 26, 3, 0, 0, 999_999_990, time.UTC)

// logUntil reads on until enough is there.
func logUntil(t *testing.T, l *PodLog, mark LogMark, room int, enough func(text string, p LogPiece) bool) (string, LogMark) {
	t.Helper()
	var text strings.Builder
	for limit := time.Now().Add(20 * time.Second); ; {
		p, err := l.Read(t.Context(), mark, room)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range p.Lines {
			text.WriteString(line.Text + "\n")
		}
		if mark = p.Mark; enough(text.String(), p) {
			return text.String(), mark
		}
		if time.Now().After(limit) {
			t.Fatalf("%q, %+v", text.String(), p)
		}
		time.Sleep(time.Millisecond)
	}
}

// All lines come once and in their order: over connections that break, lines of
// the same time, and lines of one stream that are older than the other's.
func TestPodLog(t *testing.T) {
	p := &printing{breaks: true, lines: []LogLine{at(0, "one"), at(5, "two"), at(5, "three"), at(4, "earlier")}}
	l := p.opens(t)
	first, err := l.Read(t.Context(), LogMark{}, 1<<20)
	if err != nil || len(first.Lines) != 4 { // the first answer has all that there was
		t.Fatalf("%+v, %v", first, err)
	}
	p.print(func() { p.lines = append(p.lines, at(6, "four"), at(6, "five")) })
	text, _ := logUntil(t, l, LogMark{}, 1<<20, func(text string, _ LogPiece) bool { return strings.Contains(text, "five") })
	if text != "one\ntwo\nthree\nearlier\nfour\nfive\n" {
		t.Errorf("%q", text)
	}
	p.print(func() { p.lines, p.over = append(p.lines, at(2_000_000_000, "last")), true })
	text, mark := logUntil(t, l, LogMark{}, 1, func(_ string, p LogPiece) bool { return p.Ended }) // line by line
	if text != "one\ntwo\nthree\nearlier\nfour\nfive\nlast\n" {
		t.Errorf("%q", text)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.follows == 0 || !strings.Contains(p.queries[0], "container=fit") || !strings.Contains(p.queries[0], "tailLines=50000") || !strings.Contains(p.queries[0], "timestamps=true") {
		t.Errorf("%q", p.queries)
	}
	if mark != (LogMark{at(2_000_000_000, "").At, 1}) {
		t.Errorf("%+v", mark)
	}
}

// A mark holds for a log that is opened anew.
func TestPodLogOpenedAgain(t *testing.T) {
	p := &printing{over: true, lines: []LogLine{at(0, "one"), at(5, "two"), at(5, "three"), at(20, "four")}}
	l := p.opens(t)
	text, _ := logUntil(t, l, LogMark{at(5, "").At, 1}, 1<<20, func(_ string, p LogPiece) bool { return p.Ended })
	if text != "three\nfour\n" {
		t.Errorf("%q", text)
	}
}

func TestPodLogThatCannotBeRead(t *testing.T) {
	p := &printing{denied: true}
	l := p.opens(t)
	if piece, err := l.Read(t.Context(), LogMark{}, 1); err == nil || !strings.Contains(err.Error(), "pods/log is forbidden") || piece.Ended {
		t.Errorf("%+v, %v", piece, err)
	}
	p = &printing{gone: true}
	l = p.opens(t)
	if piece, err := l.Read(t.Context(), LogMark{}, 1); err == nil || !piece.Ended {
		t.Errorf("%+v, %v", piece, err)
	}
	// A container that has not begun is no problem.
	p = &printing{waiting: true}
	l = p.opens(t)
	if piece, err := l.Read(t.Context(), LogMark{}, 1); err != nil || piece.Ended || len(piece.Lines) > 0 {
		t.Errorf("%+v, %v", piece, err)
	}
	p.print(func() { p.waiting, p.lines, p.over = false, []LogLine{at(0, "one")}, true })
	logUntil(t, l, LogMark{}, 1, func(text string, p LogPiece) bool { return text == "one\n" && p.Ended })
}

// What is kept is bounded, by number and by length, and a reader that is behind is told.
func TestPodLogIsBounded(t *testing.T) {
	var text strings.Builder
	const many = 200_000
	for i := range many {
		fmt.Fprintf(&text, "%s %s\n", podTime.Add(time.Duration(i)).Format(time.RFC3339Nano), strings.Repeat("x", 60))
	}
	fmt.Fprintf(&text, "%s %s\n%s last\nnot a line", podTime.Add(many).Format(time.RFC3339Nano), strings.Repeat("y", 1<<20), podTime.Add(many+1).Format(time.RFC3339Nano))
	l := &PodLog{caught: make(chan struct{})}
	if err := l.take(strings.NewReader(text.String()), LogMark{}); err != nil {
		t.Fatal(err)
	}
	l.said(nil, true)
	p, err := l.Read(t.Context(), LogMark{}, 1<<30)
	if err != nil || !p.Skipped || !p.Ended || l.size > maxLogKept || len(p.Lines) < 10_000 {
		t.Errorf("%d lines, %d bytes, skipped %t, %v", len(p.Lines), l.size, p.Skipped, err)
	}
	if n := len(p.Lines); p.Lines[n-1].Text != "last" || len(p.Lines[n-2].Text) > maxLogLine {
		t.Errorf("%d bytes, then %q", len(p.Lines[n-2].Text), p.Lines[n-1].Text)
	}
	if p, err = l.Read(t.Context(), p.Mark, 1); err != nil || p.Skipped || len(p.Lines) > 0 {
		t.Errorf("%+v, %v", p, err)
	}
}
