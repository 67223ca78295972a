package server_test

import (
	"os"
	"testing"

	"flowls/runner/local"
)

// The test binary plays the supervisor of the runs that tests start.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "supervise" {
		os.Exit(local.Supervise(os.Args[2]))
	}
	os.Exit(m.Run())
}
