package server

import (
	"slices"
	"testing"
)

func TestUserEnv(t *testing.T) {
	tests := map[string]struct {
		env   map[string]string
		login string
		want  []string
	}{
		"nothing set":        {nil, "ada", []string{"USER=ada"}},
		"root by login":      {nil, "root", nil},
		"no login":           {nil, "", nil},
		"USER is set":        {map[string]string{"USER": "bob"}, "ada", nil},
		"USER is root":       {map[string]string{"USER": "root"}, "root", nil},
		"METAFLOW_USER only": {map[string]string{"METAFLOW_USER": "bob"}, "ada", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := userEnv(func(n string) string { return test.env[n] }, func() string { return test.login })
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
