package server_test

import (
	"os"
	"testing"

	"flowls/runner/agent"
	"flowls/runner/local"
)

// The test binary plays the supervisor of the runs that tests start, and the agent.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "supervise" {
		os.Exit(local.Supervise(os.Args[2]))
	}
	if len(os.Args) == 2 && os.Args[1] == "agent" {
		if err := agent.New(os.Getenv).Serve(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
