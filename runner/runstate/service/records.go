package service

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"flowls/runner/runstate"
)

// Below: the objects of the service, as far as they matter here. Ids are
// numbers where the service made them, texts where a scheduler did.

type flowRecord struct {
	Flow string `json:"flow_id"`
}

type runRecord struct {
	Flow      string   `json:"flow_id"`
	Run       text     `json:"run_number"`
	User      string   `json:"user_name"`
	Tags      []string `json:"tags"`
	Epoch     int64    `json:"ts_epoch"`
	Heartbeat int64    `json:"last_heartbeat_ts"` // in seconds, 0 if there was none
}

type stepRecord struct {
	Step  string `json:"step_name"`
	Epoch int64  `json:"ts_epoch"`
}

type taskRecord struct {
	Step      string `json:"step_name"`
	Task      text   `json:"task_id"`
	Epoch     int64  `json:"ts_epoch"`
	Heartbeat int64  `json:"last_heartbeat_ts"`
}

type metadataRecord struct {
	Step  string   `json:"step_name"`
	Task  text     `json:"task_id"`
	Field string   `json:"field_name"`
	Type  string   `json:"type"`
	Value text     `json:"value"`
	Tags  []string `json:"tags"`
	Epoch int64    `json:"ts_epoch"`
}

func (m metadataRecord) public() runstate.Metadatum {
	return runstate.Metadatum{Name: m.Field, Type: m.Type, Value: string(m.Value), Attempt: m.attempt(), At: epoch(m.Epoch)}
}

// attempt is the attempt that the metadatum names, -1 if none.
func (m metadataRecord) attempt() int {
	for _, tag := range m.Tags {
		if n, ok := strings.CutPrefix(tag, "attempt_id:"); ok {
			if n, err := strconv.Atoi(n); err == nil {
				return n
			}
		}
	}
	return -1
}

type artifactRecord struct {
	Step     string `json:"step_name"`
	Task     text   `json:"task_id"`
	Name     string `json:"name"`
	SHA      string `json:"sha"`
	Store    string `json:"ds_type"`
	Location string `json:"location"`
	Attempt  int    `json:"attempt_id"`
}

// text is a JSON string, or anything else as it is written.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*t = text(s)
		return nil
	}
	*t = text(strings.TrimSpace(string(data)))
	return nil
}

func epoch(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// later orders run records, newest first.
func later(a, b runRecord) int {
	return cmp.Or(cmp.Compare(b.Epoch, a.Epoch), strings.Compare(string(b.Run), string(a.Run)))
}
