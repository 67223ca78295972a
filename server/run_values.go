package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"flowls/analysis/flow"
	"flowls/internal/near"
	"flowls/runner/local"

	"go.lsp.dev/jsonrpc2"
)

// RunOptions say how Metaflow runs a flow, whatever its parameters are.
type RunOptions struct {
	With         []string `json:"with,omitempty" doc:"Decorators for every step, as in 'retry:times=3'."`
	Tags         []string `json:"tags,omitempty" doc:"Tags of the run."`
	MaxWorkers   int      `json:"maxWorkers,omitempty" doc:"Most tasks at a time; absent means Metaflow's limit."`
	MaxNumSplits int      `json:"maxNumSplits,omitempty" doc:"Most tasks of a foreach; absent means Metaflow's limit."`
	Environment  string   `json:"environment,omitempty" doc:"local, conda, pypi or uv; absent means what Metaflow is configured for."`
	Profile      string   `json:"profile,omitempty" doc:"Configuration of Metaflow: METAFLOW_PROFILE."`
	Namespace    *string  `json:"namespace,omitempty" doc:"Namespace of the run's code; empty means the global one."`
}

func (o *RunOptions) local() local.Options {
	if o == nil {
		return local.Options{}
	}
	return local.Options(*o)
}

// given are the values of a run as they go on the command line.
type given struct {
	args    []string
	configs []local.Config
	env     []string // values that others must not see
	// kept are the values to remember: all but the secret ones.
	parameters, configValues map[string]any
}

// give checks values against what the flow declares. Dir is the folder that
// paths are relative to. null stands for the default.
func (t flowTarget) give(parameters, configs map[string]any, dir string) (given, error) {
	g := given{parameters: map[string]any{}, configValues: map[string]any{}}
	fields := t.fields()
	for _, f := range fields {
		from, to := parameters, g.parameters
		if f.Kind == "Config" {
			from, to = configs, g.configValues
		}
		v, there := from[f.Name]
		if !there || v == nil {
			if f.Required {
				return g, wrongValue("`%s` needs a value: it has no default", f.Name)
			}
			continue
		}
		if f.Kind == "Config" {
			c, err := f.config(v, dir)
			if err != nil {
				return g, wrongValue("`%s` %v", f.Name, err)
			}
			g.configs = append(g.configs, c)
			to[f.Name] = v
			continue
		}
		if err := g.take(f, v, dir); err != nil {
			return g, err
		}
	}
	return g, t.unknown(fields, parameters, configs, &g)
}

// unknown refuses names that the flow does not have. Where a base class cannot
// be read it may have them: they are passed on, and Metaflow judges.
func (t flowTarget) unknown(fields []RunField, parameters, configs map[string]any, g *given) error {
	names := map[bool][]string{} // by whether they are Configs
	for _, f := range fields {
		names[f.Kind == "Config"] = append(names[f.Kind == "Config"], f.Name)
	}
	f := t.view.File.Flows[t.index]
	open := f.Open || slices.ContainsFunc(f.Parameters, func(p *flow.Parameter) bool { return p.Name == "" })
	for _, name := range slices.Sorted(maps.Keys(configs)) {
		if !slices.Contains(names[true], name) && configs[name] != nil {
			return wrongValue("%s has no Config `%s`%s", t.flow, near.Short(name), near.DidYouMean(name, names[true]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		v := parameters[name]
		if v == nil || slices.Contains(names[false], name) {
			continue
		}
		if !open {
			return wrongValue("%s has no parameter `%s`%s", t.flow, near.Short(name), near.DidYouMean(name, names[false]))
		}
		if err := g.take(RunField{Name: name, Secret: secretName(name)}, v, ""); err != nil {
			return err
		}
	}
	return nil
}

// take adds the value of a parameter.
func (g *given) take(f RunField, v any, dir string) error {
	text, err := f.text(v, dir)
	if err != nil {
		return wrongValue("`%s` %v", f.Name, err)
	}
	args, err := local.ParameterArgs([]string{f.Name}, func(string) string { return text })
	switch {
	case err != nil:
		return wrongValue("%v", err)
	case f.Secret:
		g.env = append(g.env, local.ParameterEnv(f.Name, text))
	default:
		g.args = append(g.args, args...)
		g.parameters[f.Name] = v
	}
	return nil
}

func wrongValue(format string, args ...any) error {
	return jsonrpc2.Errorf(jsonrpc2.InvalidParams, format, args...)
}

// text is a value as it stands on a command line.
func (f RunField) text(v any, dir string) (string, error) {
	if list, ok := v.([]any); ok && f.separator != "" {
		words := make([]string, len(list))
		for i, item := range list {
			words[i] = plainText(item)
		}
		return strings.Join(words, f.separator), nil
	}
	text := plainText(v)
	if len(f.Choices) > 0 && !slices.Contains(f.Choices, text) {
		return "", fmt.Errorf("is one of %s, not %q", near.Join(f.Choices, "or"), near.Short(text))
	}
	switch f.Type {
	case "int":
		if !wholeNumber().MatchString(strings.TrimSpace(text)) {
			return "", fmt.Errorf("must be a whole number, not %q", near.Short(text))
		}
	case "float":
		if !isFloat(text) {
			return "", fmt.Errorf("must be a number, not %q", near.Short(text))
		}
	case "bool":
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "true", "t", "1", "yes", "y":
			return "True", nil
		case "false", "f", "0", "no", "n":
			return "False", nil
		}
		return "", fmt.Errorf("must be true or false, not %q", near.Short(text))
	case "json":
		if _, isText := v.(string); isText && !json.Valid([]byte(text)) {
			return "", fmt.Errorf("must be JSON, not %q", near.Short(text))
		}
		if _, isText := v.(string); !isText {
			return valueText(v), nil
		}
	case "file":
		if !strings.Contains(text, "://") { // Metaflow reads its own store as well
			return text, fileExists(text, dir)
		}
	}
	return text, nil
}

func fileExists(path, dir string) error {
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("is a file, and %s is none", path)
	}
	return nil
}

// config: a string is the path of a file, anything else the value itself.
func (f RunField) config(v any, dir string) (local.Config, error) {
	if path, ok := v.(string); ok {
		return local.Config{Name: f.Name, Path: path}, fileExists(path, dir)
	}
	return local.Config{Name: f.Name, Value: valueText(v)}, nil
}

// plainText: strings as they are, True and False as Python writes them, the rest as JSON.
func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "True"
		}
		return "False"
	}
	return valueText(v)
}

var wholeNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[+-]?[0-9]+(_[0-9]+)*$`) })

// isFloat: what Python's float takes.
func isFloat(text string) bool {
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, "xXpP") { // Go reads hexadecimal ones as well
		return false
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return true
	}
	_, _, err := big.ParseFloat(text, 10, 53, big.ToNearestEven) // beyond the range, which is inf in Python
	return err == nil
}

// secretName: a parameter of such a name holds what others must not see.
func secretName(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '-' })
	for i, w := range words {
		switch w {
		case "password", "passwd", "passphrase", "secret", "token", "apikey", "credential", "credentials":
			return true
		case "key":
			if i > 0 && slices.Contains([]string{"api", "access", "private", "secret", "auth"}, words[i-1]) {
				return true
			}
		}
	}
	return false
}
