//go:build !unix

package server

import "os"

// processAlive looks the process up.
func processAlive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	return p.Release() == nil
}
