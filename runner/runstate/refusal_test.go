package runstate

import (
	"strings"
	"testing"
)

// The texts are what Python 3.11 and Metaflow 2.19.39 print.
func TestParseRefusal(t *testing.T) {
	const head = "Metaflow 2.19.39 executing TrainFlow for user:e\n"
	tests := map[string]struct {
		stderr     string
		kind, text string
		line       int
	}{
		"syntax":       {"  File \"/w/f.py\", line 8\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n", "SyntaxError", "SyntaxError: invalid syntax", 8},
		"module":       {"Traceback (most recent call last):\n  File \"/w/f.py\", line 2, in <module>\n    import nosuchmodule\nModuleNotFoundError: No module named 'nosuchmodule'\n", "ModuleNotFoundError", "ModuleNotFoundError: No module named 'nosuchmodule'", 2},
		"library":      {"Traceback (most recent call last):\n  File \"/w/f.py\", line 3, in <module>\n    import helper\n  File \"/w/helper.py\", line 1, in <module>\n    1/0\n    ~^~\nZeroDivisionError: division by zero\n", "ZeroDivisionError", "ZeroDivisionError: division by zero", 3},
		"bare":         {"Traceback (most recent call last):\n  File \"/w/f.py\", line 4, in <module>\n    raise KeyboardInterrupt\nKeyboardInterrupt\n", "KeyboardInterrupt", "KeyboardInterrupt", 4},
		"qualified":    {"Traceback (most recent call last):\n  File \"/w/f.py\", line 4, in <module>\n    x()\nnumpy.linalg.LinAlgError: singular\nsecond line\n", "LinAlgError", "LinAlgError: singular\nsecond line", 4},
		"user":         {"Metaflow 2.19.39 executing TrainFlow    Unknown user:\n    Metaflow could not determine your user name based on environment variables ($USERNAME etc.)\n\n", "Unknown user", "Unknown user: Metaflow could not determine your user name based on environment variables ($USERNAME etc.)", 0},
		"value":        {head + "Usage: train_flow.py run [OPTIONS]\nTry 'train_flow.py run --help' for help.\n\nError: Invalid value for '--epochs': abc is not a valid integer\n", "", "Invalid value for '--epochs': abc is not a valid integer", 0},
		"option":       {head + "Usage: train_flow.py run [OPTIONS]\n\nError: no such option: --epoch  Did you mean --epochs?\n", "", "no such option: --epoch  Did you mean --epochs?", 0},
		"lint":         {head + "Validating your flow...\n    Validity checker found an issue in file /w/f.py on line 29:\n    Step start specifies a self.next() transition to an unknown step, fitt.\n\n", "Validity checker", "Step start specifies a self.next() transition to an unknown step, fitt.", 0},
		"with a stamp": {head + "Validating your flow...\n    The graph looks good!\n2026-11-22 14:23:43.123 Workflow starting (run-id 1):\n2026-11-22 14:23:44.000 No space left\n", "", "No space left", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := ParseRefusal(test.stderr)
			if r == nil {
				t.Fatal("nothing was read")
			}
			line := r.Line(func(file string) bool { return file == "/w/f.py" })
			if r.Kind != test.kind || r.String() != test.text || line != test.line {
				t.Errorf("%q, %q, line %d; want %q, %q, line %d", r.Kind, r, line, test.kind, test.text, test.line)
			}
			if r.Lint != (name == "lint") {
				t.Errorf("lint: %v", r.Lint)
			}
		})
	}
	for _, nothing := range []string{"", "\n \n", head + "Validating your flow...\n"} {
		if r := ParseRefusal(nothing); r != nil {
			t.Errorf("%q: %+v", nothing, r)
		}
	}
	if r := ParseRefusal(strings.Repeat("x", 5000)); len(r.Message) > maxRefusal+len("…") {
		t.Errorf("%d bytes", len(r.Message))
	}
}
