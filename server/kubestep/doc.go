// Package kubestep reads off a step's decorators what it asks of Kubernetes, and
// finds the place of each part in the file. It is the wall between the model of
// the file and what the runner compares: only literals cross it.
package kubestep
