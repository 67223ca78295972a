package local

import (
	"slices"
	"strings"
)

// ShellLine is a command as the user can paste it into a shell.
func ShellLine(argv []string) string {
	words := slices.Clone(argv)
	for i, w := range words {
		words[i] = shellWord(w)
	}
	return strings.Join(words, " ")
}

func shellWord(w string) string {
	if w == "" || strings.ContainsFunc(w, func(r rune) bool { return !strings.ContainsRune(plainRunes, r) }) {
		return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return w
}

const plainRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+=:@%,"

// CommandLine is what a user would type for the same run, without what flowls
// adds for itself. Values that are passed in the environment are not in it: the
// shell takes them from its own, and refuses to go on where they are not there.
func (s Spec) CommandLine() string {
	line := "cd " + shellWord(s.Dir) + " && "
	if s.Profile != "" {
		line += "METAFLOW_PROFILE=" + shellWord(s.Profile) + " "
	}
	if s.Kubernetes != nil && s.Kubernetes.Env != "" {
		line += "KUBECONFIG=" + shellWord(s.Kubernetes.Env) + " "
	}
	for _, name := range s.hidden() {
		line += name + `="${` + name + `:?}" `
	}
	return line + ShellLine(s.Words())
}

// Words are those of CommandLine's command.
func (s Spec) Words() []string { return s.argv(nil) }

// hidden are the parameters whose values are passed in the environment.
func (s Spec) hidden() []string {
	var names []string
	for _, pair := range s.Env {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, parameterEnv) {
			names = append(names, name)
		}
	}
	return names
}
