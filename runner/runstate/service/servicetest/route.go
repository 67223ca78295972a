package servicetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// names are the parts of a path: flows/F/runs/R/steps/S/tasks/T.
type names struct{ flow, run, step, task string }

// matches: the record belongs below these names.
func (n names) matches(r record) bool {
	return (n.flow == "" || is(r, "flow_id", n.flow)) && (n.run == "" || is(r, "run_number", n.run)) &&
		(n.step == "" || is(r, "step_name", n.step)) && (n.task == "" || is(r, "task_id", n.task))
}

func is(r record, field, want string) bool { return fmt.Sprint(r[field]) == want }

var missing = record{"message": "not found"}

func (s *Server) route(r *http.Request, body any) (int, any) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var n names
	for i, into := range []*string{&n.flow, &n.run, &n.step, &n.task} {
		if len(parts) < 2 || parts[0] != []string{"flows", "runs", "steps", "tasks"}[i] {
			break
		}
		*into, parts = parts[1], parts[2:]
	}
	rest := strings.Join(parts, "/")
	if r.Method == http.MethodGet {
		return s.get(r, n, rest)
	}
	fields, _ := body.(record)
	switch {
	case rest == "heartbeat":
		return s.heartbeat(n)
	case rest == "tag/mutate":
		return s.mutate(n, fields)
	case rest == "artifact":
		return s.register(&s.state.Artifacts, n, body)
	case rest == "metadata":
		return s.register(&s.state.Metadata, n, body)
	case rest == "":
		return s.create(&s.state.Flows, n, record{"flow_id": n.flow}, fields)
	case rest == "run":
		return s.create(&s.state.Runs, n, record{"flow_id": n.flow, "run_number": s.id(fields["run_number"]), "last_heartbeat_ts": nil}, fields)
	case strings.HasPrefix(rest, "steps/") || rest == "step":
		return s.create(&s.state.Steps, n, record{"flow_id": n.flow, "run_number": s.given(n), "step_name": n.step}, fields)
	case rest == "task":
		return s.create(&s.state.Tasks, n, record{"flow_id": n.flow, "run_number": s.given(n), "step_name": n.step, "task_id": s.id(fields["task_id"]), "last_heartbeat_ts": nil}, fields)
	}
	return http.StatusNotFound, missing
}

// id is the one that a scheduler gave, else the next number.
func (s *Server) id(wanted any) any {
	if name, ok := wanted.(string); ok && name != "" {
		return name
	}
	s.state.LastID++
	return s.state.LastID
}

// given is the run's id in its own form: a number if the service made it.
func (s *Server) given(n names) any {
	if i := slices.IndexFunc(s.state.Runs, names{flow: n.flow, run: n.run}.matches); i >= 0 {
		return s.state.Runs[i]["run_number"]
	}
	return n.run
}

func (s *Server) create(table *[]record, n names, r, fields record) (int, any) {
	for _, old := range *table {
		same := true
		for _, field := range []string{"flow_id", "run_number", "step_name", "task_id"} {
			same = same && fmt.Sprint(old[field]) == fmt.Sprint(r[field])
		}
		if same {
			return http.StatusConflict, record{"message": "is there already"}
		}
	}
	for _, field := range []string{"user_name", "tags", "system_tags"} {
		r[field] = fields[field]
	}
	r["ts_epoch"] = now()
	*table = append(*table, r)
	return http.StatusOK, r
}

func (s *Server) register(table *[]record, n names, body any) (int, any) {
	list, ok := body.([]any)
	if !ok {
		return http.StatusBadRequest, record{"message": "a list is wanted"}
	}
	for _, item := range list {
		fields, ok := item.(record)
		if !ok {
			return http.StatusBadRequest, record{"message": "a list of objects is wanted"}
		}
		r := record{}
		for name, value := range fields {
			r[name] = value
		}
		r["flow_id"], r["run_number"], r["step_name"], r["task_id"], r["ts_epoch"] = n.flow, s.given(n), n.step, number(n.task), now()
		if value, isText := r["value"].(string); r["field_name"] != nil && !isText { // a column of text
			data, err := json.Marshal(r["value"])
			if err != nil {
				return http.StatusBadRequest, record{"message": err.Error()}
			}
			_, r["value"] = value, string(data)
		}
		*table = append(*table, r)
	}
	return http.StatusOK, record{"registered": len(list)}
}

func number(id string) any {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		return n
	}
	return id
}

func (s *Server) heartbeat(n names) (int, any) {
	table := s.state.Runs
	if n.task != "" {
		table = s.state.Tasks
	}
	i := slices.IndexFunc(table, n.matches)
	if i < 0 {
		return http.StatusNotFound, missing
	}
	table[i]["last_heartbeat_ts"] = time.Now().Unix()
	return http.StatusOK, `{"wait_time_in_seconds": 10}` // a text that holds JSON
}

func (s *Server) mutate(n names, fields record) (int, any) {
	i := slices.IndexFunc(s.state.Runs, n.matches)
	if i < 0 {
		return http.StatusNotFound, missing
	}
	tags, _ := s.state.Runs[i]["tags"].([]any)
	remove, _ := fields["tags_to_remove"].([]any)
	add, _ := fields["tags_to_add"].([]any)
	kept := []any{}
	for _, tag := range slices.Concat(tags, add) {
		if !slices.Contains(remove, tag) && !slices.Contains(kept, tag) {
			kept = append(kept, tag)
		}
	}
	s.state.Runs[i]["tags"] = kept
	return http.StatusOK, record{"tags": kept}
}

func (s *Server) get(r *http.Request, n names, rest string) (int, any) {
	all := func(table []record) (int, any) { return http.StatusOK, pick(table, n.matches) }
	lists := map[string][]record{"flows": s.state.Flows, "runs": s.state.Runs, "steps": s.state.Steps, "tasks": s.state.Tasks, "metadata": s.state.Metadata}
	switch parts := strings.Split(rest, "/"); {
	case rest == "":
		return s.one(n)
	case lists[rest] != nil || rest == "flows" || rest == "runs" || rest == "steps" || rest == "tasks" || rest == "metadata":
		return all(lists[rest])
	case rest == "filtered_tasks":
		return s.filtered(r, n)
	case rest == "artifacts":
		return http.StatusOK, latest(pick(s.state.Artifacts, n.matches))
	case len(parts) == 3 && parts[0] == "attempt" && parts[2] == "artifacts":
		return http.StatusOK, pick(s.state.Artifacts, func(a record) bool { return n.matches(a) && is(a, "attempt_id", parts[1]) })
	case parts[0] == "artifacts" && (len(parts) == 2 || len(parts) == 4):
		found := pick(s.state.Artifacts, func(a record) bool {
			return n.matches(a) && is(a, "name", parts[1]) && (len(parts) == 2 || is(a, "attempt_id", parts[3]))
		})
		if found = latest(found); len(found) == 0 {
			return http.StatusNotFound, missing
		}
		return http.StatusOK, found[0]
	}
	return http.StatusNotFound, missing
}

func (s *Server) one(n names) (int, any) {
	table := s.state.Flows
	switch {
	case n.task != "":
		table = s.state.Tasks
	case n.step != "":
		table = s.state.Steps
	case n.run != "":
		table = s.state.Runs
	}
	if i := slices.IndexFunc(table, n.matches); i >= 0 {
		return http.StatusOK, table[i]
	}
	return http.StatusNotFound, missing
}

func pick(table []record, fits func(record) bool) []record {
	found := []record{}
	for _, r := range table {
		if fits(r) {
			found = append(found, r)
		}
	}
	return found
}

// latest are the artifacts of each task's last attempt.
func latest(artifacts []record) []record {
	attempt := func(a record) int64 { n, _ := strconv.ParseInt(fmt.Sprint(a["attempt_id"]), 10, 64); return n }
	task := func(a record) string { return fmt.Sprint(a["run_number"], "/", a["step_name"], "/", a["task_id"]) }
	last := map[string]int64{}
	for _, a := range artifacts {
		last[task(a)] = max(last[task(a)], attempt(a))
	}
	return pick(artifacts, func(a record) bool { return attempt(a) == last[task(a)] })
}

func (s *Server) filtered(r *http.Request, n names) (int, any) {
	field, pattern := r.URL.Query().Get("metadata_field_name"), r.URL.Query().Get("pattern")
	matcher, err := regexp.Compile(pattern)
	if err != nil {
		return http.StatusBadRequest, record{"message": err.Error()}
	}
	paths := []string{}
	for _, t := range pick(s.state.Tasks, n.matches) {
		of := names{n.flow, n.run, n.step, fmt.Sprint(t["task_id"])}
		if field == "" && pattern == "" || slices.ContainsFunc(s.state.Metadata, func(m record) bool {
			return of.matches(m) && is(m, "field_name", field) && matcher.MatchString(fmt.Sprint(m["value"]))
		}) {
			paths = append(paths, fmt.Sprintf("%s/%s/%s/%s", of.flow, of.run, of.step, of.task))
		}
	}
	return http.StatusOK, paths
}
