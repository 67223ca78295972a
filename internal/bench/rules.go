package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"flowls/analysis"
	"flowls/analysis/rule"
)

// rules times what the rules add to a keystroke, and how the data flow grows.
func rules(context.Context, *env) ([]row, error) {
	d := analysis.New([]byte(generated("RuleFlow", 1000)))
	defer d.Close()
	if n := len(d.Diagnostics); n > 0 {
		return nil, fmt.Errorf("%d findings in a flow that has none", n)
	}
	var samples []time.Duration
	for range 200 {
		begin := time.Now()
		rule.Check(rule.Input{File: d.File, Graphs: d.Graphs, Artifacts: d.Artifacts})
		samples = append(samples, time.Since(begin))
	}
	p50 := median(samples)
	rows := []row{{
		what: "all rules with the data flow, 1,000 lines", measured: ms(p50),
		goal: "≤ 3 ms", ok: p50 <= 3*time.Millisecond,
	}}
	var parts []string
	for _, steps := range []int{10, 100, 500, 2000} {
		took := dataFlow(steps)
		parts = append(parts, fmt.Sprintf("%d: %s", steps, ms(took)))
	}
	small, large := dataFlow(500)/500, dataFlow(2000)/2000
	ratio := float64(large) / float64(small)
	return append(rows, row{
		what:     "data flow of 30 artifacts, by number of steps",
		measured: strings.Join(parts, ", "),
	}, row{
		what: "… time for a step, 2,000 steps against 500", measured: fmt.Sprintf("%.1f×", ratio),
		goal: "≤ 2×", ok: ratio <= 2,
	}), nil
}

// dataFlow times the data flow of a chain of steps that read and set 30 artifacts.
func dataFlow(steps int) time.Duration {
	var b strings.Builder
	b.WriteString("from metaflow import FlowSpec, step\n\n\nclass Chain(FlowSpec):\n    @step\n    def start(self):\n")
	for i := range 30 {
		fmt.Fprintf(&b, "        self.a%d = %d\n", i, i)
	}
	b.WriteString("        self.next(self.s0)\n\n")
	for i := range steps {
		next := fmt.Sprintf("s%d", i+1)
		if i == steps-1 {
			next = "end"
		}
		fmt.Fprintf(&b, "    @step\n    def s%d(self):\n        if self.a%d:\n            self.a%d = [x for x in self.a%d]\n        self.next(self.%s)\n\n", i, i%30, (i+7)%30, (i+13)%30, next)
	}
	b.WriteString("    @step\n    def end(self):\n        print(self.a0)\n")
	d := analysis.New([]byte(b.String()))
	defer d.Close()
	var samples []time.Duration
	for range 15 {
		begin := time.Now()
		d.Artifacts(0)
		samples = append(samples, time.Since(begin))
	}
	return median(samples)
}
