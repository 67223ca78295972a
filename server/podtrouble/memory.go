package podtrouble

import (
	"fmt"
	"time"

	"flowls/runner/agent/wire"
)

// memoryOf writes what was measured, in the Megabytes that Metaflow asks in.
func memoryOf(n int64) string {
	if n >= 10_000*Mega {
		return fmt.Sprintf("%.1f GB", float64(n)/(1000*Mega))
	}
	return fmt.Sprintf("%d MB", (n+Mega/2)/Mega)
}

// MemoryUsed says how much memory a task was seen to use, "" where nobody measures.
func MemoryUsed(state *wire.KubeState) string {
	switch {
	case state.Peak == 0:
		return ""
	case state.Limit > 0:
		return fmt.Sprintf("memory up to %s of %s", memoryOf(state.Peak), memoryOf(state.Limit))
	case state.Request > 0:
		return fmt.Sprintf("memory up to %s, %s requested", memoryOf(state.Peak), memoryOf(state.Request))
	}
	return "memory up to " + memoryOf(state.Peak)
}

// ShortOfMemory: a tenth more, and the task is ended.
func ShortOfMemory(state *wire.KubeState) bool {
	return state.Limit > 0 && state.Peak*10 >= state.Limit*9
}

// LastMemory says what was seen of a task that then ran out of memory: samples are
// some time apart, and what it asked for at last is in none.
func LastMemory(state *wire.KubeState) string {
	if state.Peak == 0 {
		return ""
	}
	said := "The most that was measured is " + memoryOf(state.Peak)
	if before := state.Since.Sub(state.PeakAt).Round(time.Second); !state.PeakAt.IsZero() && before > 0 {
		said += fmt.Sprintf(", %s before its end", before)
	}
	return said + "."
}
