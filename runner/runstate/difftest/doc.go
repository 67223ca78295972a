// Package difftest holds what runstate says of runs against what Metaflow's own
// client says of them, for every kind of run that there is.
package difftest
