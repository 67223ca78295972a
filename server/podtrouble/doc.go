// Package podtrouble tells what keeps a task from running on Kubernetes: the rule,
// the words, the argument that asks for it, and the edits that may mend it. It knows
// what the agent said of a task and the step as the file has it, and no run.
package podtrouble
