// Command flowls checks Metaflow flows and serves editors: see internal/cli.
package main

import (
	"os"

	"flowls/internal/cli"
)

// version is set by the build; empty in a plain `go build`.
var version string

func main() {
	os.Exit(cli.Main(version, os.Args[1:], streams(), nil))
}

func streams() cli.Streams { return cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr} }
