package service

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"flowls/runner/runstate"
	"flowls/runner/runstate/service/servicetest"
	"flowls/runner/store"
)

const secret = "very-secret-key"

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func started(t *testing.T) (*servicetest.Server, *Source) {
	t.Helper()
	server := servicetest.Start(t, secret)
	config, err := Configured(t.TempDir(), environment(map[string]string{"METAFLOW_SERVICE_URL": server.URL, "METAFLOW_SERVICE_AUTH_KEY": secret, "HOME": t.TempDir()}))
	if err != nil {
		t.Fatal(err)
	}
	s := New(config)
	s.client.pause = time.Millisecond
	return server, s
}

// load writes n runs of a flow, the i-th with id i+1.
func load(t *testing.T, server *servicetest.Server, n int) {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"flows": [{"flow_id": "F"}], "runs": [`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"flow_id": "F", "run_number": %d, "user_name": "u", "tags": ["t"], "ts_epoch": %d, "last_heartbeat_ts": 1}`, i+1, 1000+i)
	}
	b.WriteString(`]}`)
	if err := server.Load([]byte(b.String())); err != nil {
		t.Fatal(err)
	}
}

// The newest of many come first, whatever the order of the answer; with a page
// only what is shown is asked for.
func TestPage(t *testing.T) {
	server, s := started(t)
	load(t, server, 5000)
	runs, err := s.Runs(t.Context(), "F", 3)
	if err != nil || len(runs) != 3 {
		t.Fatalf("%v, %v", runs, err)
	}
	var ids []string
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []string{"5000", "4999", "4998"}) || runs[0].Status != runstate.Failed || runs[0].User != "u" {
		t.Errorf("%v, %+v", ids, runs[0])
	}
	if n := server.Requests.Load(); n > 1+3*4 {
		t.Errorf("%d requests for a page of three", n)
	}
	if runs, err := s.Runs(t.Context(), "Other", 3); err != nil || len(runs) != 0 {
		t.Errorf("a flow without runs: %v, %v", runs, err)
	}
	if _, err := s.Run(t.Context(), "F", "9999"); !errors.Is(err, runstate.ErrNoRun) {
		t.Errorf("no such run: %v", err)
	}
	for _, c := range [][2]string{{"..", "1"}, {"F", ".."}, {"F/runs", "1"}, {"F", "1?x=y"}, {"", ""}} {
		if _, err := s.Run(t.Context(), c[0], c[1]); err == nil {
			t.Errorf("Run(%q, %q) was asked for", c[0], c[1])
		}
	}
}

// What goes wrong once goes well the second time; what stays wrong is said, and
// never with the key.
func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault   func(http.ResponseWriter, *http.Request)
		times   int64 // that it happens
		says    string
		tries   int64 // with a fault that stays
		settles bool
	}{
		"overloaded once":    {status(503, ""), 1, "", 0, true},
		"error once":         {status(500, "boom"), 2, "", 0, true},
		"too many requests":  {func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Retry-After", "0"); w.WriteHeader(429) }, 3, "", 0, true},
		"cut once":           {cut, 1, "", 0, true},
		"half an answer":     {half, 1, "", 0, true},
		"always overloaded":  {status(503, "sleeping"), 1 << 40, "503 service unavailable (sleeping)", 5, false},
		"always 429":         {status(429, ""), 1 << 40, "try again later", 5, false},
		"always cut":         {cut, 1 << 40, "cannot be reached", 5, false},
		"always half":        {half, 1 << 40, "was cut off", 5, false},
		"no JSON":            {status(200, "<html>sign in</html>"), 1 << 40, "no JSON of its kind", 1, false},
		"JSON of other kind": {status(200, `{"flows": 3}`), 1 << 40, "no JSON of its kind", 1, false},
		"forbidden":          {status(403, `{"message": "key `+secret+` is wrong"}`), 1 << 40, "METAFLOW_SERVICE_AUTH_KEY", 1, false},
		"bad request":        {status(400, ""), 1 << 40, "400 bad request", 1, false},
	} {
		server, s := started(t)
		load(t, server, 1)
		var seen atomic.Int64
		server.Fault(func(w http.ResponseWriter, r *http.Request) bool {
			if seen.Add(1) > c.times {
				return false
			}
			c.fault(w, r)
			return true
		})
		flows, err := s.Flows(t.Context())
		switch {
		case c.settles && (err != nil || !slices.Equal(flows, []string{"F"})):
			t.Errorf("%s: %v, %v", name, flows, err)
		case !c.settles && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), secret)):
			t.Errorf("%s: %v", name, err)
		case !c.settles && seen.Load() != c.tries:
			t.Errorf("%s: %d tries, want %d", name, seen.Load(), c.tries)
		}
	}
}

func status(code int, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

// cut closes the connection before an answer.
func cut(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }

// half closes the connection within the answer.
func half(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	fmt.Fprint(w, `[{"flow_id": "F"},`)
	_ = http.NewResponseController(w).Flush() // what is not sent is cut all the same
	panic(http.ErrAbortHandler)
}

// A service that does not answer holds nobody up who has given up.
func TestSlow(t *testing.T) {
	server, s := started(t)
	released := make(chan struct{})
	defer close(released)
	server.Fault(func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-r.Context().Done():
		case <-released:
		}
		return true
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Flows(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// The key goes to no other host.
func TestRedirect(t *testing.T) {
	server, s := started(t)
	other := servicetest.Start(t, "")
	server.Fault(func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
		return true
	})
	if _, err := s.Flows(t.Context()); err == nil {
		t.Error("the redirect was followed")
	}
	if other.Requests.Load() != 0 {
		t.Error("another host was asked")
	}
}

func TestConfigured(t *testing.T) {
	home, project := t.TempDir(), t.TempDir()
	deep := filepath.Join(project, "a", "b")
	put := func(path string, v map[string]any) {
		t.Helper()
		data, err := json.Marshal(v)
		if err == nil {
			err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	put(filepath.Join(home, ".metaflowconfig", "config.json"), map[string]any{"METAFLOW_SERVICE_URL": "http://plain", "METAFLOW_SERVICE_AUTH_KEY": secret})
	put(filepath.Join(home, ".metaflowconfig", "config_prod.json"), map[string]any{"METAFLOW_SERVICE_URL": "https://prod/api", "METAFLOW_SERVICE_HEADERS": map[string]any{"x-team": "a"}})
	for name, c := range map[string]struct {
		env     map[string]string
		project map[string]any
		url     string
		headers map[string]string
		fails   string
	}{
		"user":              {nil, nil, "http://plain", map[string]string{"x-api-key": secret}, ""},
		"profile":           {map[string]string{"METAFLOW_PROFILE": "prod"}, nil, "https://prod/api", map[string]string{"x-team": "a"}, ""},
		"no such profile":   {map[string]string{"METAFLOW_PROFILE": "test"}, nil, "", nil, "METAFLOW_PROFILE is test"},
		"environment":       {map[string]string{"METAFLOW_SERVICE_URL": "http://env", "METAFLOW_SERVICE_HEADERS": `{"a": "b"}`}, nil, "http://env", map[string]string{"a": "b", "x-api-key": secret}, ""},
		"bad headers":       {map[string]string{"METAFLOW_SERVICE_HEADERS": secret}, nil, "", nil, "METAFLOW_SERVICE_HEADERS is no JSON"},
		"bad address":       {map[string]string{"METAFLOW_SERVICE_URL": "ftp://x"}, nil, "", nil, "has to begin with http"},
		"nowhere":           {map[string]string{"METAFLOW_HOME": project}, nil, "", nil, "no metadata service is configured"},
		"project":           {nil, map[string]any{"METAFLOW_SERVICE_URL": "http://stranger"}, "http://stranger", map[string]string{}, ""},
		"project, own key":  {nil, map[string]any{"METAFLOW_SERVICE_URL": "http://team", "METAFLOW_SERVICE_AUTH_KEY": "team"}, "http://team", map[string]string{"x-api-key": "team"}, ""},
		"project, env key":  {map[string]string{"METAFLOW_SERVICE_AUTH_KEY": "env"}, map[string]any{"METAFLOW_SERVICE_URL": "http://team"}, "http://team", map[string]string{"x-api-key": "env"}, ""},
		"address with user": {map[string]string{"METAFLOW_SERVICE_URL": "http://u:" + secret + "@h"}, nil, "http://u:" + secret + "@h", map[string]string{"x-api-key": secret}, ""},
	} {
		if err := os.RemoveAll(filepath.Join(project, ".metaflow")); err != nil {
			t.Fatal(err)
		}
		if c.project != nil {
			put(filepath.Join(project, ".metaflow", "config.json"), c.project)
		} else if err := os.Mkdir(filepath.Join(project, ".metaflow"), 0o700); err != nil { // ends the way up
			t.Fatal(err)
		}
		env := map[string]string{"HOME": home}
		for k, v := range c.env {
			env[k] = v
		}
		got, err := Configured(deep, environment(env))
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || got.URL.String() != c.url || fmt.Sprint(got.Headers) != fmt.Sprint(c.headers) {
			t.Errorf("%s: %v %v, %v; want %s %v", name, got.URL, got.Headers, err, c.url, c.headers)
		}
		if text := New(got).String(); strings.Contains(text, secret) {
			t.Errorf("%s: it is called %s", name, text)
		}
	}
}

// A data store beyond this machine is opened once, and only where somebody can.
func TestOtherStores(t *testing.T) {
	_, s := started(t)
	dir := t.TempDir()
	const pickled = "\x80\x04K\x03."
	sum := sha1.Sum([]byte(pickled))
	key := hex.EncodeToString(sum[:])
	blob := filepath.Join(dir, "F", "data", key[:2], key)
	if err := errors.Join(os.MkdirAll(filepath.Dir(blob), 0o700), os.WriteFile(blob, []byte(pickled), 0o600), os.WriteFile(blob+"_meta", []byte(`{"cas_raw": true, "cas_version": 1}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	records := []artifactRecord{{Name: "_foreach_num_splits", SHA: key, Store: "s3", Location: ":root:s3://bucket/prefix"}}
	if raw, err := s.blob(t.Context(), "F", records, "_foreach_num_splits"); raw != nil || err != nil {
		t.Errorf("nobody can open it: %q, %v", raw, err)
	}
	opened := 0
	s.Open = func(_ context.Context, kind, root string) (store.Files, error) {
		opened++
		if kind != "s3" || root != "s3://bucket/prefix" {
			t.Errorf("opened %s %s", kind, root)
		}
		return store.Local{Root: dir}, nil
	}
	for range 2 {
		raw, err := s.blob(t.Context(), "F", records, "_foreach_num_splits")
		if err != nil || runstate.DecodeCount(t.Context(), raw) != 3 {
			t.Errorf("%q, %v", raw, err)
		}
	}
	// A service does not lead to any folder of this machine.
	records[0].Store, records[0].Location = "local", ":root:"+dir
	if raw, err := s.blob(t.Context(), "F", records, "_foreach_num_splits"); raw != nil || err != nil || opened != 1 {
		t.Errorf("%q, %v, opened %d times", raw, err, opened)
	}
}
