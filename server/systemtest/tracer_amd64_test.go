package systemtest

import "golang.org/x/sys/unix"

// forks are calls that newer architectures do not have.
var forks = []uint64{unix.SYS_FORK, unix.SYS_VFORK}
