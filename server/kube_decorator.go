package server

import "strings"

// decoratorName is the name in a value of --with.
func decoratorName(with string) string {
	name, _, _ := strings.Cut(with, ":")
	return name
}

// withArgument is an argument in a value of --with, "" if it is not there.
func withArgument(with, decorator, argument string) string {
	name, arguments, _ := strings.Cut(with, ":")
	if name != decorator {
		return ""
	}
	for part := range strings.SplitSeq(arguments, ",") {
		if key, value, _ := strings.Cut(part, "="); strings.TrimSpace(key) == argument {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
