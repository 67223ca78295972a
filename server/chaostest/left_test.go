package chaostest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"flowls/runner/local"
)

// filesAreWhole: every record can be read, and the log to its end.
func (r *round) filesAreWhole(rec *local.Record) {
	offset := int64(0)
	for {
		c, err := r.registry.ReadLog(rec.ID, offset)
		if err != nil {
			r.errorf("log: %v", err)
			break
		}
		if offset == 0 && rec.Leader.PID != 0 && !strings.HasPrefix(c.Text, "[flowls: cd ") {
			r.errorf("the log begins with %.40q", c.Text)
		}
		if offset = c.Next; c.Done {
			break
		}
	}
	if rec.Status == local.Succeeded {
		c, err := r.registry.ReadLog(rec.ID, 0)
		if err != nil || !strings.Contains(c.Text, "end was here\n") || !strings.Contains(c.Text, "Done!\n") {
			r.errorf("the log lacks the end, %v:\n%s", err, c.Text)
		}
	}
	for _, root := range []string{filepath.Join(r.dir, "state"), filepath.Join(r.dir, ".metaflow")} {
		err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".json") || !e.Type().IsRegular() {
				return nil // the last task of a run that was killed may still be removing its files
			}
			data, err := os.ReadFile(path)
			if err == nil && !json.Valid(data) {
				r.errorf("%s is corrupt: %q", path, data)
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			r.errorf("%v", err)
		}
	}
}

// nothingLeft: no process has to do with the workspace any more.
func (r *round) nothingLeft() {
	var left string
	r.until("no process is left", func() bool {
		left = ""
		entries, err := os.ReadDir("/proc")
		if err != nil {
			r.errorf("%v", err)
			return true
		}
		for _, e := range entries {
			pid, err := strconv.Atoi(e.Name())
			if err != nil || pid == os.Getpid() {
				continue
			}
			line, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
			if err != nil {
				continue
			}
			// A zombie has no command line; its parent is this process or init.
			cwd, _ := os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
			if strings.Contains(string(line), r.dir) || strings.HasPrefix(cwd, r.dir) {
				left = strings.ReplaceAll(string(line), "\x00", " ")
				return false
			}
		}
		return true
	})
	if left != "" {
		r.errorf("left: %s", left)
	}
}
