package server

import "slices"

// userEnv gives a run the login name where the environment has no name at all,
// as in containers and services: Metaflow takes its user from the environment
// only. USER comes last in Metaflow's order, so its configuration still wins.
// Nothing is made up: where the login name is root, which Metaflow refuses,
// its refusal is shown.
func userEnv(getenv func(string) string, login func() string) []string {
	// In Metaflow's order (get_username).
	if slices.ContainsFunc([]string{"METAFLOW_USER", "SUDO_USER", "USERNAME", "USER"}, func(name string) bool { return getenv(name) != "" }) {
		return nil
	}
	name := login()
	if name == "" || name == "root" {
		return nil
	}
	return []string{"USER=" + name}
}
