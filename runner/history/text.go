package history

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"flowls/runner/runstate"

	udiff "github.com/aymanbagabas/go-udiff"
)

// CodeDiff is the difference between two texts in unified form, "" if there is none.
func CodeDiff(a, b *runstate.Run, textA, textB string) string {
	return udiff.Unified("run "+a.ID, "run "+b.ID, textA, textB)
}

// maxValues is how many values of a step are listed.
const maxValues = 50

// Text is the difference for people: parameters, steps and artifacts that are
// not the same, then the code as CodeDiff gives it, or why it is not known.
func (d Diff) Text(code string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s/%s → %s/%s\n", d.A.Flow, d.A.ID, d.B.Flow, d.B.ID)
	fmt.Fprintf(&out, "# %s → %s\n", runLine(d.A), runLine(d.B))
	section := func(title string, list func(w *tabwriter.Writer) bool) {
		var text strings.Builder
		w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
		any := list(w)
		_ = w.Flush() // into memory
		if !any {
			text.WriteString("  no difference\n")
		}
		fmt.Fprintf(&out, "\n## %s\n\n", title)
		for line := range strings.Lines(text.String()) { // the last column is often empty
			out.WriteString(strings.TrimRight(line, " \n") + "\n")
		}
	}
	section("Parameters", func(w *tabwriter.Writer) bool {
		values(w, d.Parameters, 0)
		return len(d.Parameters) > 0
	})
	section("Steps", func(w *tabwriter.Writer) bool {
		for _, s := range d.Steps {
			equal := "="
			if !s.Same() {
				equal = "≠"
			}
			fmt.Fprintf(w, "%s %s\t%s\t→ %s\t%s\n", equal, s.Name, stepSide(s.StatusA, s.TasksA, s.TookA), stepSide(s.StatusB, s.TasksB, s.TookB), change(s.TookA, s.TookB))
		}
		return len(d.Steps) > 0
	})
	section("Artifacts", func(w *tabwriter.Writer) bool {
		any := false
		for _, s := range d.Steps {
			if len(s.Artifacts) > 0 {
				any = true
				fmt.Fprintf(w, "%s\n", s.Name)
				values(w, s.Artifacts, s.Compared)
			}
		}
		return any
	})
	if code == "" {
		code = "  no difference\n"
	}
	fmt.Fprintf(&out, "\n## Code\n\n%s", code)
	return out.String()
}

func runLine(r *runstate.Run) string {
	return fmt.Sprintf("%s %s", r.Created.Local().Format(time.DateTime), r.Status)
}

func values(w *tabwriter.Writer, list []Value, tasks int) {
	for i, v := range list {
		if i == maxValues {
			fmt.Fprintf(w, "  … %d more\n", len(list)-i)
			return
		}
		some := ""
		if tasks > 1 {
			some = fmt.Sprintf("(%d of %d tasks)", v.Tasks, tasks)
		}
		fmt.Fprintf(w, "  %s\t%s\t→ %s\t%s\n", v.Name, side(v.A), side(v.B), some)
	}
}

func side(s *Shown) string {
	switch {
	case s == nil:
		return "–"
	case s.Preview != "":
		return strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, s.Preview)
	}
	if s.Type == "" {
		return "not read" // it is stored elsewhere: only the hash is known
	}
	return fmt.Sprintf("%s, %d bytes", s.Type, s.Size)
}

func stepSide(status runstate.Status, tasks int, took time.Duration) string {
	if status == "" {
		return "–"
	}
	text := string(status)
	if tasks > 1 {
		text += fmt.Sprintf(", %d tasks", tasks)
	}
	if took > 0 {
		text += fmt.Sprintf(", %.1f s", took.Seconds())
	}
	return text
}

// change of a time worth telling: by more than a tenth and a tenth of a second.
func change(a, b time.Duration) string {
	if a <= 0 || b <= 0 || (b-a).Abs() < 100*time.Millisecond || (b-a).Abs()*10 < a {
		return ""
	}
	return fmt.Sprintf("%+.0f %%", 100*float64(b-a)/float64(a))
}
