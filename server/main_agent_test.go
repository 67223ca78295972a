//go:build !noagent

package server_test

import (
	"os"

	"flowls/runner/agent"
)

func init() {
	playAgent = func() int {
		if os.Remove(os.Getenv(agentFalls)) == nil {
			_, _ = os.Stdin.Read(make([]byte, 1))
			return 1
		}
		if err := agent.New(os.Getenv).Serve(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		return 0
	}
}
