package prooftest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A script sees the same in a fork and in a new process: its modules, names, paths
// and arguments, how it ends, and what it prints then.
func TestForkIsLikeANewProcess(t *testing.T) {
	for name, end := range map[string]string{
		"error": "def f():\n    raise ValueError('no')\nf()", "status": "sys.exit(3)", "words": "sys.exit('words')",
		"signal": "os.kill(os.getpid(), 15)", "later": "import atexit\natexit.register(print, 'end')", "syntax": "exec('1 +')",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := `import metaflow, os, sys
print(__name__, __file__, __spec__, sys.argv, sys.path, sys.flags.isolated, sorted(globals()), sorted(sys.modules), sep="\n")
print({k: v for k, v in sorted(os.environ.items()) if k not in ("HOME", "TMPDIR", "PYTHONHASHSEED")}, os.getcwd())
print(sys.stdin.read(), [fd for fd in range(64) if os.path.exists("/dev/fd/%d" % fd)][:3], sys.stdout.encoding, sys.stdout.errors, flush=True)
` + end + "\n"
			var got [2]result
			for i, seed := range []string{sameHashes, "random"} { // of a random seed is no fork
				dir := t.TempDir()
				flow := filepath.Join(dir, "flow.py")
				if err := os.WriteFile(flow, []byte(script), 0o644); err != nil {
					t.Fatal(err)
				}
				var err error
				if got[i], err = (command{flow, []string{"check", "--x"}, exampleLimit, seed}).run(t); err != nil {
					t.Fatal(err)
				}
				got[i].Output = strings.ReplaceAll(got[i].Output, dir, "DIR")
			}
			if got[0] != got[1] || !strings.Contains(got[0].Output, "metaflow.flowspec") {
				t.Errorf("a fork ends with %d and prints\n%s\na new process ends with %d and prints\n%s", got[0].Exit, got[0].Output, got[1].Exit, got[1].Output)
			}
		})
	}
}
