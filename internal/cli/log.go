package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"flowls/runner/local"
	"flowls/runner/runstate"

	"github.com/spf13/cobra"
)

func logCommand(s Streams, o outside) *cobra.Command {
	var f logFlags
	cmd := &cobra.Command{
		Use:   "log PATHSPEC",
		Short: "Show what a run, a step or a task printed",
		Long: "Show what the tasks of FLOW/RUN, FLOW/RUN/STEP or FLOW/RUN/STEP/TASK printed: stdout and stderr by time, all attempts.\n" +
			"While a task of a run that flowls started is running, its output is there as well. Of a run the launch id will do.",
		Example: "  flowls log TrainFlow/1795343114304665/fit --follow\n  flowls log 20261122-102514-1a2b3c4d --tail 50",
		Args:    exactly(1, "one pathspec"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", f.format, "text", "json"); err != nil {
				return err
			}
			if f.tail < -1 || f.attempt < local.AllAttempts {
				return usageError{errors.New("--tail and --attempt are numbers from 0")}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			p := logPrinter{ctx: ctx, flags: f, w: s.Out, err: s.Err}
			err := p.show(args[0], o)
			if errors.Is(err, errBeyond) {
				return o.forward()
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&f.follow, "follow", false, "go on until what is shown has ended")
	cmd.Flags().IntVar(&f.tail, "tail", -1, "begin with the last `N` lines only")
	cmd.Flags().IntVar(&f.attempt, "attempt", local.AllAttempts, "only this attempt, counted from 0")
	cmd.Flags().StringVar(&f.format, "format", "text", "output: text, or json for one object per line")
	return cmd
}

type logFlags struct {
	follow        bool
	tail, attempt int
	format        string
}

// logPrinter prints the logs of tasks, or the output of a run.
type logPrinter struct {
	ctx    context.Context
	flags  logFlags
	w, err io.Writer
}

// followPause is the time between two looks at a log that has nothing new.
const followPause = 200 * time.Millisecond

func (p *logPrinter) show(name string, o outside) error {
	registry, err := local.Default()
	if err != nil {
		return err
	}
	parts := strings.Split(strings.Trim(name, "/"), "/")
	if len(parts) == 1 {
		record, err := registry.Get(parts[0])
		if err != nil {
			return usageError{fmt.Errorf("%q is neither a pathspec, FLOW/RUN[/STEP[/TASK]], nor the id of a launch", name)}
		}
		return p.output(registry, record)
	}
	if len(parts) > 4 {
		return usageError{fmt.Errorf("%q is no pathspec: FLOW/RUN[/STEP[/TASK]]", name)}
	}
	record := launchOf(registry, parts[0], parts[1])
	if len(parts) == 2 && record != nil && p.flags.attempt == local.AllAttempts {
		return p.output(registry, record)
	}
	reader, run, err := o.found(p.ctx, record, parts[0], parts[1])
	if err != nil {
		return err
	}
	tasks, err := tasksOf(run, parts[2:])
	if err != nil {
		return err
	}
	for _, task := range tasks {
		l := &local.TaskLog{Reader: reader, Flow: run.Flow, Run: run.ID, Step: task.Step, Task: task.ID, Attempt: p.flags.attempt, Record: record}
		if err := p.task(registry, l, len(tasks) > 1); err != nil || p.ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// found is the run of a launch, else the one that is found from this folder.
func (o outside) found(ctx context.Context, record *local.Record, flow, id string) (*runstate.Reader, *runstate.Run, error) {
	if record == nil {
		return o.find(ctx, flow, id, "")
	}
	reader := o.reader(ctx, rootOf(record), record.Dir)
	run, err := o.run(reader, flow, id)
	if errors.Is(err, runstate.ErrNoRun) { // recorded by the metadata service
		return o.find(ctx, flow, id, "")
	}
	return reader, run, err
}

// launchOf is the launch by flowls behind a run of Metaflow, nil if there is none.
func launchOf(registry *local.Registry, flow, run string) *local.Record {
	all, err := registry.List()
	if err != nil {
		return nil
	}
	i := slices.IndexFunc(all, func(r *local.Record) bool { return r.Flow == flow && r.RunID == run })
	if i < 0 {
		return nil
	}
	return all[i]
}

// rootOf is where the tasks of a launch leave their state.
func rootOf(r *local.Record) string {
	if r.Kind == local.Spin {
		return runstate.FindSpinRoot(r.Dir, os.Getenv)
	}
	return runstate.FindRoot(r.Dir, os.Getenv)
}

// tasksOf are the tasks that a pathspec below the run names, in the order in which they began.
func tasksOf(run *runstate.Run, below []string) ([]*runstate.Task, error) {
	var tasks []*runstate.Task
	for _, step := range run.Steps {
		if len(below) > 0 && step.Name != below[0] {
			continue
		}
		for _, task := range step.Tasks {
			if len(below) < 2 || task.ID == below[1] {
				tasks = append(tasks, task)
			}
		}
	}
	if len(tasks) == 0 {
		return nil, fmt.Errorf("%s has no task yet", strings.Join(append([]string{run.Flow, run.ID}, below...), "/"))
	}
	return tasks, nil
}

// task prints the log of one task.
func (p *logPrinter) task(registry *local.Registry, l *local.TaskLog, headed bool) error {
	if headed {
		if err := p.print(logRecord{Task: l.Step + "/" + l.Task, Text: l.Flow + "/" + l.Run + "/" + l.Step + "/" + l.Task, Note: true}); err != nil {
			return err
		}
	}
	last := lastLines{most: p.flags.tail}
	cursor, waiting := "", ""
	for {
		if err := p.over(registry, l); err != nil {
			return err
		}
		piece, err := l.Read(p.ctx, cursor)
		if err != nil {
			return err
		}
		for _, r := range records(l, piece) {
			if err := last.add(r, p.print); err != nil {
				return err
			}
		}
		quiet := piece.Cursor == cursor
		cursor = piece.Cursor
		if !quiet && !piece.Done {
			continue
		}
		if err := last.flush(p.print); err != nil {
			return err
		}
		if piece.Waiting != "" && piece.Waiting != waiting {
			waiting = piece.Waiting
			fmt.Fprintf(p.err, "flowls: %s\n", waiting)
		}
		if piece.Done || !p.flags.follow || !p.pause() {
			return nil
		}
	}
}

// over tells the log whether its run has ended, before it is read.
func (p *logPrinter) over(registry *local.Registry, l *local.TaskLog) error {
	if l.Record != nil {
		record, err := registry.Get(l.Record.ID)
		if err == nil {
			l.Record, l.Over = record, record.Status.Done()
		}
		return err
	}
	run, err := l.Reader.Run(l.Flow, l.Run)
	if err == nil {
		l.Over = run.Status.Done()
	}
	return err
}

func (p *logPrinter) pause() bool {
	select {
	case <-time.After(followPause):
		return true
	case <-p.ctx.Done():
		return false
	}
}

// output prints what the scheduler of a run printed, tasks and all.
func (p *logPrinter) output(registry *local.Registry, record *local.Record) error {
	last := lastLines{most: p.flags.tail}
	var offset int64
	for {
		c, err := registry.ReadLog(record.ID, offset)
		if err != nil {
			return err
		}
		for line := range strings.Lines(c.Text) {
			if err := last.add(logRecord{Text: strings.TrimRight(line, "\r\n")}, p.print); err != nil {
				return err
			}
		}
		quiet := c.Next == offset
		offset = c.Next
		if !quiet && !c.Done {
			continue
		}
		if err := last.flush(p.print); err != nil {
			return err
		}
		if c.Done || !p.flags.follow || !p.pause() {
			return nil
		}
	}
}
