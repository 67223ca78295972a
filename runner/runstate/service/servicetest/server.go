// Package servicetest is a metadata service for tests: the requests that
// Metaflow makes, answered from memory as the real service answers them.
// That it does so is shown by Metaflow itself, which writes into it and reads
// from it with its own client.
package servicetest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Server is a running service.
type Server struct {
	URL string
	// Requests counts what was asked for.
	Requests atomic.Int64

	key string

	mu    sync.Mutex
	fault func(http.ResponseWriter, *http.Request) bool
	state state
}

// state is everything that was written. Its form is that of the answers.
type state struct {
	Flows     []record `json:"flows"`
	Runs      []record `json:"runs"`
	Steps     []record `json:"steps"`
	Tasks     []record `json:"tasks"`
	Artifacts []record `json:"artifacts"`
	Metadata  []record `json:"metadata"`
	LastID    int64    `json:"last_id"`
}

type record = map[string]any

// Start starts a service that wants the key in x-api-key; "" lets everybody in.
func Start(t testing.TB, key string) *Server {
	s := &Server{key: key}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Fault has f answer first; it returns false to let the service answer. nil ends it.
func (s *Server) Fault(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Save is all that was written, Load what a service shall begin with.
func (s *Server) Save() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(s.state)
}

// Load replaces everything.
func (s *Server) Load(saved []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state{}
	return json.Unmarshal(saved, &s.state)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Requests.Add(1)
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	w.Header().Set("METADATA_SERVICE_VERSION", "2.5.0")
	w.Header().Set("Content-Type", "application/json")
	if s.key != "" && r.Header.Get("x-api-key") != s.key {
		answer(w, http.StatusForbidden, record{"message": "Forbidden"})
		return
	}
	if r.URL.Path == "/ping" {
		_, _ = w.Write([]byte("pong"))
		return
	}
	var body any
	if r.Method != http.MethodGet {
		d := json.NewDecoder(r.Body)
		d.UseNumber()
		if err := d.Decode(&body); err != nil {
			answer(w, http.StatusBadRequest, record{"message": err.Error()})
			return
		}
	}
	s.mu.Lock()
	code, result := s.route(r, body)
	data, err := json.Marshal(result)
	s.mu.Unlock()
	if err != nil {
		code, data = http.StatusInternalServerError, nil
	}
	w.WriteHeader(code)
	_, _ = w.Write(data) // whoever has gone away needs no answer
}

func answer(w http.ResponseWriter, code int, v any) {
	data, _ := json.Marshal(v) // a map of texts
	w.WriteHeader(code)
	_, _ = w.Write(data)
}

func now() int64 { return time.Now().UnixMilli() }

// Beat is a heartbeat of the last run of a flow.
func (s *Server) Beat(flow string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	runs := pick(s.state.Runs, names{flow: flow}.matches)
	if len(runs) == 0 {
		return errors.New("no run of " + flow)
	}
	runs[len(runs)-1]["last_heartbeat_ts"] = time.Now().Unix()
	return nil
}
