package main

import (
	"fmt"
	"strings"
)

// generated writes a valid flow of about the given number of lines: chains,
// foreach loops and splits in turn, with bodies as people write them. The step
// s0 ends with the line that keystrokes edit.
func generated(name string, lines int) string {
	var b strings.Builder
	line := 0
	put := func(format string, args ...any) {
		fmt.Fprintf(&b, format+"\n", args...)
		line++
	}
	put("from metaflow import FlowSpec, Parameter, current, resources, retry, step")
	put("")
	put("")
	put("class %s(FlowSpec):", name)
	put(`    """Generated for measuring."""`)
	put("")
	put(`    alpha = Parameter("alpha", default=0.1, help="Learning rate")`)
	put("")
	step := func(head, next string, body ...string) {
		put("    @step")
		put("    def %s:", head)
		for _, l := range body {
			put("        %s", l)
		}
		if next != "" {
			put("        self.next(%s)", next)
		}
		put("")
	}
	step("start(self)", "self.s0", "self.items = list(range(10))", "self.seen = {}")
	for i := 0; line < lines-12; i++ {
		next := fmt.Sprintf("self.s%d", i+1)
		work := []string{
			fmt.Sprintf("values = [x * %d for x in self.items if x > self.alpha]", i+2),
			"total = sum(values) / max(1, len(values))",
			fmt.Sprintf("self.score_%d = {\"mean\": total, \"run\": current.run_id}", i),
			"if total > 10:",
			fmt.Sprintf("    print(f\"step %d: {total:.3f}\")", i),
		}
		switch i % 6 {
		case 2:
			put("    @retry(times=2)")
			put("    @resources(memory=4000, cpu=2)")
			step(fmt.Sprintf("s%d(self)", i), fmt.Sprintf("self.w%d, foreach=\"items\"", i), work...)
			step(fmt.Sprintf("w%d(self)", i), fmt.Sprintf("self.j%d", i), "self.result = self.input ** 2")
			step(fmt.Sprintf("j%d(self, inputs)", i), next, "self.items = [i.result for i in inputs]", "self.merge_artifacts(inputs, include=[\"score_0\"])")
		case 5:
			step(fmt.Sprintf("s%d(self)", i), fmt.Sprintf("self.a%d, self.b%d", i, i), work...)
			step(fmt.Sprintf("a%d(self)", i), fmt.Sprintf("self.j%d", i), "self.left = 1")
			step(fmt.Sprintf("b%d(self)", i), fmt.Sprintf("self.j%d", i), "self.right = 2")
			step(fmt.Sprintf("j%d(self, inputs)", i), next, "self.items = list(range(10))", "self.merge_artifacts(inputs, include=[\"score_0\"])")
		default:
			step(fmt.Sprintf("s%d(self)", i), next, work...)
		}
	}
	// The last transition leads to the step that was never written: call it end.
	text := b.String()
	at := strings.LastIndex(text, "self.next(")
	end := at + strings.Index(text[at:], ")")
	text = text[:at] + "self.next(self.end" + text[end:]
	return text + "    @step\n    def end(self):\n        print(self.items)\n\n\nif __name__ == \"__main__\":\n    " + name + "()\n"
}
