// Command bench measures what flowls promises and prints one table: measured,
// goal, verdict. A missed goal is told, not punished: the exit status is 1 only
// when something could not be measured.
//
//	go run ./internal/bench [-python PATH] [-only NAME]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter"

	"flowls/internal/venv"
)

// row is one line of the table.
type row struct {
	what     string
	measured string
	goal     string // "" if the row is there for comparison only
	ok       bool
}

// bench is one measurement; it may fill several rows.
type bench struct {
	name string
	run  func(context.Context, *env) ([]row, error)
}

var benches = []bench{
	{"check", checkAgainstMetaflow},
	{"many", manyFiles},
	{"keystroke", keystrokes},
	{"rules", rules},
	{"start", startup},
	{"memory", memory},
	{"event", runEvent},
	{"artifact", artifacts},
	{"foreach", foreachEvents},
	{"page", firstPage},
}

// env is what the measurements share.
type env struct {
	flowls string // release binary
	python string // interpreter with Metaflow
	root   string // of the repository
	dir    string // scratch
}

func main() {
	python := flag.String("python", "", "interpreter with Metaflow (default: $FLOWLS_PYTHON, else that of .venv)")
	only := flag.String("only", "", "run only the measurements whose name contains this")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, *python, *only))
}

func run(ctx context.Context, python, only string) int {
	e, err := prepare(ctx, python)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	defer os.RemoveAll(e.dir)
	code := 0
	var rows []row
	for _, b := range benches {
		if !strings.Contains(b.name, only) {
			continue
		}
		fmt.Fprintf(os.Stderr, "bench: %s\n", b.name)
		got, err := b.run(ctx, e)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s could not be measured: %v\n", b.name, err)
			code = 1
		}
		rows = append(rows, got...)
	}
	print(rows)
	return code
}

// prepare builds the binary as `make bin` does and finds the interpreter.
func prepare(ctx context.Context, python string) (*env, error) {
	root, err := venv.Root()
	if err != nil {
		return nil, err
	}
	e := &env{root: root, python: python}
	if e.dir, err = os.MkdirTemp("", "flowls-bench-"); err != nil {
		return nil, err
	}
	e.flowls = filepath.Join(e.dir, "flowls")
	fmt.Fprintln(os.Stderr, "bench: build")
	cmd := exec.CommandContext(ctx, filepath.Join("scripts", "build-go"), e.dir)
	cmd.Dir, cmd.Stderr = e.root, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("scripts/build-go: %w", err)
	}
	return e, nil
}

func print(rows []row) {
	fmt.Printf("%d processors, %s, %s/%s\n\n", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprintln(w, "| what\t| measured\t| goal\t|  \t|")
	fmt.Fprintln(w, "|---\t|---\t|---\t|---\t|")
	for _, r := range rows {
		verdict := "ok"
		switch {
		case r.goal == "":
			verdict = ""
		case !r.ok:
			verdict = "MISSED"
		}
		fmt.Fprintf(w, "| %s\t| %s\t| %s\t| %s\t|\n", r.what, r.measured, r.goal, verdict)
	}
	w.Flush()
}
