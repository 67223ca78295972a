package systemtest

// forks: this architecture has only clone.
var forks []uint64
