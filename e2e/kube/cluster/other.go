//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "cluster: a node needs Linux: run the tests against another cluster (CONTRIBUTING.md says how)")
	os.Exit(1)
}
