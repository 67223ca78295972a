package server_test

import (
	"strconv"
	"strings"
	"testing"

	"flowls/server"
)

const podTrace = `attempt 0
Traceback (most recent call last):
  File "/home/u/metaflow/.mf_code/metaflow/task.py", line 147, in _exec_step_function
    raise raised_exception
  File "/home/u/metaflow/flow.py", line 22, in talk
    helper.check(self.x)
  File "/home/u/metaflow/lib/helper.py", line 3, in check
    raise ValueError("once")
ValueError: once

[save_logs] upload_start datastore=s3 files=[('stdout', '//.logs/mflog_stdout', 20035)]
[save_logs] upload_success datastore=s3 files=[('stdout', '//.logs/mflog_stdout', 20035)] elapsed_seconds=0.247
`

func TestContainerException(t *testing.T) {
	cut := podTrace[strings.Index(podTrace, "raise raised"):]
	for name, c := range map[string]struct{ printed, want string }{
		"whole":         {podTrace, "ValueError: once /w/flow.py:22 /w/lib/helper.py:3"},
		"cut":           {podTrace[strings.Index(podTrace, ", line 147")-40:], ""},
		"cut at a line": {podTrace[strings.Index(podTrace, "  File"):], "ValueError: once /w/flow.py:22 /w/lib/helper.py:3"},
		"too short":     {cut, ""},
		"imported":      {"Traceback (most recent call last):\n  File \"/metaflow/flow.py\", line 3, in <module>\n    import polars\nModuleNotFoundError: No module named 'polars'\n", "ModuleNotFoundError: No module named 'polars' /w/flow.py:3"},
		"dealt with":    {"Traceback (most recent call last):\n  File \"/metaflow/flow.py\", line 9, in talk\n    f()\nKeyError: 'x'\ngoing on\n", ""},
		"none":          {"hello\n", ""},
		"nothing":       {"", ""},
	} {
		e := server.ContainerException(c.printed, "/w/flow.py")
		got := ""
		if e != nil {
			got = e.Type + ": " + e.Message
			for _, f := range e.Frames {
				if strings.HasPrefix(f.File, "/w/") {
					got += " " + f.File + ":" + strconv.Itoa(f.Line)
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	// A script may be called as a file of Metaflow's own, and the code of a step may be elsewhere.
	for file, want := range map[string]string{"task.py": "/w/task.py", "base.py": "/w/base.py"} {
		e := server.ContainerException(strings.ReplaceAll(podTrace, "metaflow/flow.py", "metaflow/"+file), "/w/task.py")
		if e == nil || e.Frames[0].File != "/home/u/metaflow/.mf_code/metaflow/task.py" || e.Frames[1].File != want {
			t.Errorf("%s: %+v", file, e)
		}
	}
}
