package difftest

import (
	_ "embed"
	"fmt"
	"strings"
)

// written are declarations by hand, each one or more lines of a class body.
//
//go:embed testdata/declarations.txt
var written string

// declarations are those by hand, every type with every default, and every
// spelling of some names.
func declarations() []string {
	all := strings.Split(strings.TrimSpace(written), "\n====\n")
	types := []string{"", "int", "float", "bool", "str", "JSONType", "list", "dict"}
	defaults := []string{
		"None", "5", "1", "0.5", "2.0", "True", `"5"`, `"x"`, `""`, `"0.5"`, `"true"`, `"{}"`, `"{'a': 1}"`,
		"[1, 2]", `{"a": 1}`, "(1, 2)", "fn1", "1 + 1", "[i for i in range(3)]",
	}
	for _, kind := range types {
		for _, value := range defaults {
			argument := ""
			if kind != "" {
				argument = ", type=" + kind
			}
			all = append(all, fmt.Sprintf("a = Parameter(\"a\"%s, default=%s)", argument, value))
		}
	}
	for _, name := range []string{"tag", "tags", "with", "max-workers", "run-id", "namespace", "obj", "alpha", "decospecs"} {
		for _, spelled := range []string{name, strings.ToUpper(name), strings.ReplaceAll(name, "-", "_"), strings.ToUpper(name[:1]) + name[1:]} {
			all = append(all, fmt.Sprintf("a = Parameter(%q)", spelled))
		}
		all = append(all, fmt.Sprintf("a = Config(%q, default_value={})", name))
	}
	return all
}
