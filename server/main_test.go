package server_test

import (
	"os"
	"testing"

	"flowls/runner/local"
)

// agentFalls names a file: while it is there, an agent takes it away and ends at what
// it is asked first.
const agentFalls = "FLOWLS_TEST_AGENT_FALLS"

// playAgent is what the test binary does as the agent. It is apart because of what it links,
// which fuzzing would have to compile once more: -tags noagent leaves it out.
var playAgent func() int

// The test binary plays the supervisor of the runs that tests start, and the agent.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "supervise" {
		os.Exit(local.Supervise(os.Args[2]))
	}
	if len(os.Args) == 2 && os.Args[1] == "agent" {
		os.Exit(playAgent())
	}
	os.Exit(m.Run())
}
