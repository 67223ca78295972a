package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"flowls/analysis"
	"flowls/analysis/rule"
	"flowls/internal/project"
	"flowls/internal/source"
	"flowls/internal/walk"

	"github.com/spf13/cobra"
)

// stdinName is how findings in standard input name their file.
const stdinName = "<stdin>"

func checkCommand(s Streams) *cobra.Command {
	var opts struct {
		format          string
		selects, ignore []string
		min             string
		isolated        bool
	}
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Find mistakes in flows",
		Long: "Find mistakes in the flows of Python files, without running anything.\n\n" +
			"A PATH is a file, a folder, or - for standard input; none means the current folder. Folders are walked;\n" +
			"what .gitignore leaves out, virtual environments and caches are skipped.\n\n" +
			"The nearest pyproject.toml with a table [tool.flowls] configures what is reported (docs/configuration.md);\n" +
			"the flags below come before it.\n\n" +
			"Exit status: 0 no errors, 1 errors found, 2 could not run (or could not read a given PATH or a configuration).",
		Example: "  flowls check\n  flowls check flow.py --format json\n  flowls check src --select MF1 --ignore unreachable-step",
		RunE: func(cmd *cobra.Command, args []string) error {
			collectRarely()
			keep, err := newFilter(opts.selects, opts.ignore, opts.min)
			if err != nil {
				return err
			}
			if !opts.isolated {
				keep.projects = project.NewLoader()
			}
			out := bufio.NewWriterSize(s.Out, 64<<10)
			f, err := newFormat(opts.format, out, s)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{"."}
			}
			all := newSites()
			all.checks(args)
			c := &checker{ctx: cmd.Context(), in: s.In, err: s.Err, filter: keep, sites: all, format: f, out: out, complained: map[*project.Project]bool{}}
			return c.run(args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.format, "format", "text", "output: text, json, sarif or github")
	flags.StringSliceVar(&opts.selects, "select", nil, "report only these `CODES`: codes, beginnings of codes (MF1) or rule names")
	flags.StringSliceVar(&opts.ignore, "ignore", nil, "do not report these `CODES`")
	flags.BoolVar(&opts.isolated, "isolated", false, "read no pyproject.toml")
	flags.StringVar(&opts.min, "min-severity", "hint", "least severity to report: hint, info, warning or error")
	return cmd
}

// format writes findings as they come; files arrive in a stable order.
type format interface {
	begin() error
	file(fileReport) error
	end(summary) error
}

// summary counts what was seen.
type summary struct {
	files, flows      int // files that hold flows, and these
	errors, warnings  int
	others            int // infos and hints
	unreadable, given int // paths that could not be checked; those of them that the user named
}

type checker struct {
	ctx    context.Context
	in     io.Reader
	err    io.Writer
	filter *filter
	sites  *sites
	format format
	out    *bufio.Writer
	sum    summary

	complained map[*project.Project]bool // of what is wrong with them
}

// result is what one item came to.
type result struct {
	item   walk.Item
	report *fileReport      // nil if there is nothing to tell
	by     *project.Project // that configured the file, if any
	err    error
}

func (c *checker) run(paths []string) error {
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel() // ends the walk when writing fails
	c.ctx = ctx
	if err := c.format.begin(); err != nil {
		return err
	}
	if err := c.each(paths); err != nil {
		return err
	}
	if err := c.format.end(c.sum); err != nil {
		return err
	}
	if err := c.out.Flush(); err != nil {
		return err
	}
	switch {
	case c.sum.given > 0 || len(c.complained) > 0:
		return exitError(exitCannotRun)
	case c.sum.errors > 0:
		return exitError(exitErrorsFound)
	}
	return nil
}

// each checks what the paths lead to and prints it in order.
func (c *checker) each(paths []string) error {
	if len(paths) == 1 && !isDir(paths[0]) {
		// One file, as editors and hooks ask: handing it from one goroutine to
		// another would cost as much as checking it.
		for item := range c.items(paths) {
			if err := c.take(c.check(item)); err != nil {
				return err
			}
		}
		return nil
	}
	for r := range c.results(paths) {
		if err := c.take(<-r); err != nil {
			return err
		}
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// results checks files on all processors and hands out the results in the order
// of the walk. At most a few files for each processor are held at a time,
// however many there are.
func (c *checker) results(paths []string) <-chan chan result {
	workers := runtime.GOMAXPROCS(0)
	type job struct {
		item walk.Item
		to   chan result
	}
	jobs := make(chan job)
	ordered := make(chan chan result, 4*workers)
	go func() {
		defer close(ordered)
		defer close(jobs)
		for item := range c.items(paths) {
			j := job{item, make(chan result, 1)}
			select {
			case ordered <- j.to:
			case <-c.ctx.Done():
				return
			}
			jobs <- j // a worker always comes: results have room
		}
	}()
	for range workers {
		go func() {
			for j := range jobs {
				j.to <- c.check(j.item)
			}
		}()
	}
	return ordered
}

// items yields what to check: standard input once, and what the walk finds.
func (c *checker) items(paths []string) func(yield func(walk.Item) bool) {
	return func(yield func(walk.Item) bool) {
		var named []string
		stdin := false
		for _, p := range paths {
			if p == "-" {
				stdin = true
			} else {
				named = append(named, p)
			}
		}
		if stdin && !yield(walk.Item{Path: "-", Given: true}) {
			return
		}
		walk.Files(named)(yield)
	}
}

// check reads and analyses one file. It never panics outward: a defect of the
// analysis costs one file and is reported as such.
func (c *checker) check(item walk.Item) (r result) {
	r.item = item
	if item.Err != nil {
		r.err = item.Err
		return r
	}
	defer func() {
		if p := recover(); p != nil {
			r.report, r.err = nil, fmt.Errorf("could not be analysed; this is a defect of flowls: %v", p)
			r.item.Given = true // nobody should take the silence for a clean file
		}
	}()
	var doc *analysis.Document
	dir, file := c.sites.folder, ""
	if item.Path == "-" {
		r.item.Path = stdinName
		var src []byte
		if src, r.err = source.Read(c.in); r.err != nil || !source.MayHoldFlow(src) {
			return r
		}
		doc = analysis.New(src)
	} else {
		site := c.sites.at(item.Path)
		t, err := c.sites.read(site, item.Path)
		if r.err = err; err != nil || !source.MayHoldFlow(t.Bytes()) {
			return r
		}
		doc, dir = analyse(site, t), ""
		if site != nil {
			dir, file = filepath.Dir(site.Path), site.Path
		}
	}
	defer doc.Close()
	found, by, err := c.filter.keep(dir, file, doc.Diagnostics)
	if err != nil {
		r.err = err
		return r
	}
	r.by = by
	rep := report(r.item.Path, doc, found, c.sites)
	if len(rep.Flows) > 0 || len(rep.Diagnostics) > 0 {
		r.report = &rep
	}
	return r
}

// take counts and prints one result.
func (c *checker) take(r result) error {
	if r.err != nil {
		// Keep what was found before in front of the complaint.
		if err := c.out.Flush(); err != nil {
			return err
		}
		fmt.Fprintf(c.err, "flowls: %s: %v\n", printable(r.item.Path), r.err)
		if !errors.Is(r.err, walk.ErrNoPython) {
			c.sum.unreadable++
			if r.item.Given {
				c.sum.given++
			}
		}
		return nil
	}
	if err := c.complain(r.by); err != nil {
		return err
	}
	if r.report == nil {
		return nil
	}
	if len(r.report.Flows) > 0 {
		c.sum.files++
		c.sum.flows += len(r.report.Flows)
	}
	for _, d := range r.report.Diagnostics {
		switch d.severity {
		case rule.Error:
			c.sum.errors++
		case rule.Warning:
			c.sum.warnings++
		default:
			c.sum.others++
		}
	}
	return c.format.file(*r.report)
}
