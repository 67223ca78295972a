package runstate

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// maxJSON bounds every JSON file read. The largest, N.data.json, has about 200
// bytes per artifact.
const maxJSON = 16 << 20

// readFile reads a regular file of bounded size. The file may be replaced at
// any moment, never rewritten: Metaflow writes to a temporary file and renames.
func readFile(path string, limit int64) ([]byte, error) {
	// The kind is looked at before the opening: opening a FIFO would block.
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return data, err
}

// maxMetadatum bounds one metadatum: a task has dozens, and those that are read hold a name or a short list.
const maxMetadatum = 256 << 10

func readJSON(path string, into any) error { return readJSONUpTo(path, maxJSON, into) }

func readJSONUpTo(path string, limit int64, into any) error {
	data, err := readFile(path, limit)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// selfRecord is _meta/_self.json of a run.
type selfRecord struct {
	RunNumber text     `json:"run_number"`
	User      string   `json:"user_name"`
	Tags      []string `json:"tags"`
	Epoch     int64    `json:"ts_epoch"`
}

// metadatum is _meta/sysmeta_<field>_<ms>.json.
type metadatum struct {
	Field string          `json:"field_name"`
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
	Tags  []string        `json:"tags"`
	Epoch int64           `json:"ts_epoch"`
}

// attempt is the attempt that the metadatum belongs to, -1 if it names none.
func (m metadatum) attempt() int {
	for _, tag := range m.Tags {
		if n, ok := strings.CutPrefix(tag, "attempt_id:"); ok {
			if n, err := strconv.Atoi(n); err == nil {
				return n
			}
		}
	}
	return -1
}

func (m metadatum) text() string {
	var t text
	if json.Unmarshal(m.Value, &t) != nil {
		return ""
	}
	return string(t)
}

// text is a JSON string, or a number as text: providers differ.
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

// runtimeRecord is N.runtime, written by the scheduler after the process ended.
type runtimeRecord struct {
	ReturnCode int  `json:"return_code"`
	Killed     bool `json:"killed"`
	Success    bool `json:"success"`
}

func epoch(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// sysmeta splits "sysmeta_<field>_<ms>.json".
func sysmeta(name string) (field string, ok bool) {
	rest, ok := strings.CutPrefix(name, "sysmeta_")
	if !ok {
		return "", false
	}
	rest, ok = strings.CutSuffix(rest, ".json")
	if !ok {
		return "", false
	}
	i := strings.LastIndexByte(rest, '_')
	if i < 0 {
		return "", false
	}
	return rest[:i], true
}

func readMetadatum(dir, name string) (metadatum, error) {
	var m metadatum
	err := readJSONUpTo(filepath.Join(dir, "_meta", name), maxMetadatum, &m)
	return m, err
}
