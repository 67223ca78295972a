package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/runnertest"
)

func bucket(t *testing.T) (*stores, wire.Store) {
	t.Helper()
	s3 := runnertest.StartS3(t)
	env := map[string]string{}
	for _, v := range s3.Env {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
		t.Setenv(name, value) // of the AWS SDK
	}
	for name, text := range map[string]string{"F/1/start/1/0.data.json": "{}", "F/1/start/2/0.data.json": "0123456789", "F/1/_meta/x": ""} {
		path := filepath.Join(s3.Dir, "metaflow", name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	env["METAFLOW_HOME"] = t.TempDir()
	return newStores(func(name string) string { return env[name] }), wire.Store{Where: wire.Where{Dir: t.TempDir()}, Kind: "s3", Root: "s3://flows/metaflow"}
}

// Parts of many files come in one answer, each with what is wrong with it.
func TestStoreRead(t *testing.T) {
	s, at := bucket(t)
	reply, err := s.read(t.Context(), wire.ReadParams{Store: at, Parts: []wire.Part{
		{Name: "F/1/start/2/0.data.json", Offset: 2, Length: 3}, {Name: "F/1/start/1/0.data.json", Length: 100}, {Name: "F/1/start/1/0.data.json"},
		{Name: "F/1/none", Length: 1}, {Name: "../x", Length: 1}, {Name: "F/1/_meta/x", Length: 1},
	}})
	if err != nil || len(reply.Parts) != 6 {
		t.Fatalf("%+v, %v", reply, err)
	}
	p := reply.Parts
	if string(p[0].Data) != "234" || p[0].Size != 10 || string(p[1].Data) != "{}" || p[2].Data != nil || p[2].Size != 2 || p[2].Modified.IsZero() {
		t.Errorf("%+v", p[:3])
	}
	if !p[3].Missing || p[3].Problem != "" || p[4].Missing || !strings.Contains(p[4].Problem, "not a name") || p[5].Missing || p[5].Size != 0 {
		t.Errorf("%+v", p[3:])
	}
	list, err := s.list(t.Context(), wire.ListParams{Store: at, Folder: "F/1"})
	if err != nil || len(list.Entries) != 2 || !list.Entries[0].Folder || list.More {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err = s.list(t.Context(), wire.ListParams{Store: at, Folder: "F/1/start/2"}); err != nil || len(list.Entries) != 1 || list.Entries[0].Size != 10 {
		t.Errorf("%+v, %v", list, err)
	}
}

// What the agent was not made for it refuses, before anything is sent.
func TestStoreRefuses(t *testing.T) {
	env := map[string]string{"METAFLOW_HOME": t.TempDir(), "METAFLOW_S3_ENDPOINT_URL": "http://127.0.0.1:1"}
	s := newStores(func(name string) string { return env[name] })
	at := wire.Store{Where: wire.Where{Dir: t.TempDir()}, Kind: "s3", Root: "s3://b/p"}
	many := make([]wire.Part, wire.MaxReads+1)
	for what, p := range map[string]wire.ReadParams{
		"in one piece":     {Store: at, Parts: []wire.Part{{Name: "F/x", Length: wire.MaxRead + 1}}},
		"bytes from -1":    {Store: at, Parts: []wire.Part{{Name: "F/x", Offset: -1, Length: 1}}},
		"too much":         {Store: at, Parts: many},
		"12582912 bytes":   {Store: at, Parts: []wire.Part{{Length: wire.MaxRead}, {Length: wire.MaxRead}, {Length: wire.MaxRead}}},
		"kind \"gs\"":      {Store: wire.Store{Where: at.Where, Kind: "gs", Root: "gs://b/p"}},
		"no place in S3":   {Store: wire.Store{Where: at.Where, Kind: "s3", Root: "/etc"}},
		`kind "local" are`: {Store: wire.Store{Where: at.Where, Kind: "local", Root: "/etc"}},
	} {
		began := time.Now()
		if _, err := s.read(t.Context(), p); err == nil || !strings.Contains(err.Error(), what) || time.Since(began) > time.Second {
			t.Errorf("%s: %v after %v", what, err, time.Since(began))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.read(ctx, wire.ReadParams{Store: at, Parts: []wire.Part{{Name: "F/x", Length: 1}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}
