package podtrouble

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"flowls/analysis/rule"
	"flowls/runner/local"
)

// Headline says what went wrong, in one sentence without a full stop.
func (t Trouble) Headline() string {
	said := Sentence(strings.TrimSuffix(strings.TrimSpace(t.First.Message), "."))
	switch t.Rule {
	case rule.PodOutOfMemory:
		switch {
		case t.First.Limit > 0:
			return fmt.Sprintf("Out of memory: the task used more than its limit of %s", Bytes(t.First.Limit))
		case t.First.Request > 0:
			return fmt.Sprintf("Out of memory: the node had no more for the task, which asked for %s", Bytes(t.First.Request))
		}
		return "Out of memory"
	case rule.PodImage:
		if said == "" {
			said = t.First.Reason
		}
		return fmt.Sprintf("The image `%s` cannot be had: %s", t.First.Image, said)
	case rule.PodUnschedulable:
		return "The task waits for a node: " + lowerFirst(said)
	case rule.PodRefused:
		return "The cluster makes no pod for the task: " + lowerFirst(said)
	case rule.PodConfig:
		return "The task cannot start: " + lowerFirst(said)
	case rule.PodFailed:
		if t.First.ExitCode != nil {
			said = fmt.Sprintf("The container of the task ended with exit code %d", *t.First.ExitCode)
			if last := LastWords(t.First.Message); last != "" {
				said += ": " + last
			}
		}
	}
	if said == "" {
		said = Sentence(t.First.Phase)
	}
	return said
}

// Advice says what to do, "" where the headline says it all.
func (t Trouble) Advice() string {
	switch t.Rule {
	case rule.PodOutOfMemory:
		if t.First.Limit == 0 {
			return "Ask for more memory; with `qos=\"guaranteed\"` the task also gets what it asks for to itself."
		}
		return "Ask for more memory, or hold less at a time."
	case rule.PodImage:
		return "Name an image that the cluster can pull, or leave the argument out to take Metaflow's."
	case rule.PodRefused:
		if q := overQuota(t.First.Message); q != nil {
			return q.advice(t.First.Namespace)
		}
	case rule.PodLost:
		return "It is no fault of the flow: with `@retry` Metaflow runs the task again."
	case rule.PodDeadline:
		return "Give the step more time with `@timeout`, or make the task smaller."
	}
	return ""
}

// Sentence begins with a capital, unless a name in backquotes comes first.
func Sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func lowerFirst(s string) string {
	if len(s) < 2 || s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// LastLine is the last one that is not Metaflow's talk about storing logs.
func LastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for _, line := range slices.Backward(lines) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "[save_logs]") && !strings.HasPrefix(line, "[MFLOG") {
			return line
		}
	}
	return ""
}

// Bytes writes memory as people ask for it: Metaflow asks in megabytes of 10⁶ bytes.
func Bytes(n int64) string {
	switch {
	case n%Mega == 0:
		return fmt.Sprintf("%d MB", n/Mega)
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// Printed is the end of a log without what Metaflow says about storing it.
func Printed(printed string) string {
	lines := slices.DeleteFunc(strings.Split(printed, "\n"), local.Housekeeping)
	return strings.TrimRight(strings.Join(lines, "\n"), " \n")
}

// LastWords is the last line that the task's own code printed.
func LastWords(printed string) string { return LastLine(Printed(printed)) }
