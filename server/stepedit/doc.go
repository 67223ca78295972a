// Package stepedit changes the decorators of a step or flow as a quick fix does:
// each answer is a set of edits of one file, with Metaflow's imports where they are
// needed. It reads no run and no cluster.
package stepedit
