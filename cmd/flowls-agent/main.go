// Command flowls-agent is flowls with what reaches past this machine: the
// metadata service and S3. flowls calls it where a command needs that; it lies
// beside flowls and is of the same version.
package main

import (
	"os"

	"flowls/internal/cli"
	"flowls/internal/cli/beyond"
)

// version is set by the build; empty in a plain `go build`.
var version string

func main() {
	os.Exit(cli.Main(version, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, beyond.Beyond{}))
}
