package server_test

import (
	"os"
	"testing"

	"flowls/runner/agent"
	"flowls/runner/local"
)

// agentFalls names a file: while it is there, an agent takes it away and ends at what
// it is asked first.
const agentFalls = "FLOWLS_TEST_AGENT_FALLS"

// The test binary plays the supervisor of the runs that tests start, and the agent.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "supervise" {
		os.Exit(local.Supervise(os.Args[2]))
	}
	if len(os.Args) == 2 && os.Args[1] == "agent" {
		if os.Remove(os.Getenv(agentFalls)) == nil {
			_, _ = os.Stdin.Read(make([]byte, 1))
			os.Exit(1)
		}
		if err := agent.New(os.Getenv).Serve(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
