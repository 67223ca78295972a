package server

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flowls/analysis/flow"
	"flowls/runner/local"

	"go.lsp.dev/uri"
)

// RunField is a value that a flow can be run with.
type RunField struct {
	Name     string   `json:"name" doc:"Name of the option."`
	Kind     string   `json:"kind" doc:"Parameter, IncludeFile or Config."`
	Type     string   `json:"type,omitempty" doc:"str, int, float, bool, json, file (a path) or config (a path as a string, or the value as an object); absent if it cannot be told."`
	Choices  []string `json:"choices,omitempty" doc:"The only values."`
	Default  any      `json:"default,omitempty" doc:"The default, if the source says it; for a Config with a file of its own, its path."`
	Required bool     `json:"required,omitempty" doc:"Whether there is no default and there must be a value."`
	Secret   bool     `json:"secret,omitempty" doc:"Whether it must not be shown: it is passed in the environment and not remembered."`
	Help     string   `json:"help,omitempty" doc:"What the source says about it."`
	Last     any      `json:"last,omitempty" doc:"What the flow was last run with."`

	separator string
}

// RunFormParams are the parameters of flowls/runForm.
type RunFormParams struct {
	URI  uri.URI `json:"uri" doc:"The flow's document."`
	Flow string  `json:"flow" doc:"Name of the flow."`
	Kind string  `json:"kind,omitempty" doc:"What the values are for: run, the default, or resume or spin, which have options only."`
}

// RunForm is the answer of flowls/runForm.
type RunForm struct {
	Flow         string     `json:"flow" doc:"Name of the flow."`
	Fields       []RunField `json:"fields" doc:"In the order of the source."`
	Options      RunOptions `json:"options" doc:"The options of the last run."`
	Takes        []string   `json:"takes" doc:"Names of the options that there are for this kind."`
	Remembered   bool       `json:"remembered,omitempty" doc:"Whether there are values of a last run."`
	Environments []string   `json:"environments" doc:"What the option environment can be."`
	Profiles     []string   `json:"profiles,omitempty" doc:"Configurations of Metaflow on this machine."`
	Problem      string     `json:"problem,omitempty" doc:"Why the last values could not be read."`
}

func init() {
	customRequests["flowls/runForm"] = func(s *server, ctx context.Context, raw json.RawMessage) (any, error) {
		var p RunFormParams
		if err := decodeParams(raw, &p); err != nil {
			return nil, err
		}
		kind := local.Kind(cmp.Or(p.Kind, string(local.Run)))
		if kind != local.Run && kind != local.Resume && kind != local.Spin {
			return nil, wrongValue("kind %q: use one of run, resume, spin", p.Kind)
		}
		snapshot := s.begin(ctx)
		t, err := commandCall{server: s, snapshot: snapshot}.target(ctx, p.URI, p.Flow)
		if err != nil {
			return nil, err
		}
		return encoded(s.runs.form(t, kind))
	}
}

func (r *runs) form(t flowTarget, kind local.Kind) RunForm {
	form := RunForm{Flow: t.flow, Fields: []RunField{}, Takes: kind.Takes(), Environments: local.Environments, Profiles: profiles()}
	if kind == local.Run {
		form.Fields = t.fields()
	}
	last, err := r.lastValues(t, kind)
	if err != nil {
		form.Problem = err.Error()
	}
	if last == nil {
		return form
	}
	form.Remembered, form.Options = true, RunOptions(last.Options)
	for i, f := range form.Fields {
		if f.Kind == "Config" {
			form.Fields[i].Last = last.Configs[f.Name]
		} else if !f.Secret {
			form.Fields[i].Last = last.Parameters[f.Name]
		}
	}
	return form
}

func (r *runs) lastValues(t flowTarget, kind local.Kind) (*local.Values, error) {
	if r.registry == nil {
		return nil, nil
	}
	return r.registry.LastValues(kind, t.script, t.flow)
}

// remember keeps what a flow is run with. A run does not fail for it.
func (r *runs) remember(t flowTarget, p plan) {
	v := local.Values{Kind: p.spec.Kind, Flow: t.flow, Script: t.script, Options: p.spec.Options}
	if p.given != nil {
		v.About, v.Parameters, v.Configs = about(t.fields()), p.given.parameters, p.given.configValues
	}
	if err := r.registry.Remember(v); err != nil {
		r.s.log.Warn("the values of the run are not remembered", "flow", t.flow, "error", err)
	}
}

// fields are the values that the flow declares.
func (t flowTarget) fields() []RunField {
	f := t.view.File.Flows[t.index]
	fields := []RunField{}
	for _, p := range f.Parameters {
		if p.Name == "" {
			continue // only Metaflow knows its name
		}
		d := f.Declared(p)
		field := RunField{
			Name: p.Name, Kind: p.Kind, Type: d.Type, Choices: d.Choices, Required: d.Required,
			Secret: d.Hidden || p.Kind == "Parameter" && secretName(p.Name), Help: d.Help, separator: d.Separator,
		}
		switch {
		case d.DefaultFile.Known():
			field.Default = d.DefaultFile.Text
		case d.HasDefault:
			field.Default = jsonValue(d.Default)
		}
		fields = append(fields, field)
	}
	return fields
}

// jsonValue is a literal as JSON has it, nil if there is none.
func jsonValue(v flow.Value) any {
	switch v.Kind {
	case flow.String:
		return v.Text
	case flow.Bool:
		return v.Text == "True"
	case flow.Int, flow.Float:
		if json.Valid([]byte(v.Text)) {
			return json.Number(v.Text)
		}
		return v.Text
	case flow.List, flow.Tuple:
		items := []any{}
		for _, item := range v.Items {
			items = append(items, jsonValue(item))
		}
		if v.Literal() {
			return items
		}
	case flow.Dict:
		members := map[string]any{}
		for i, key := range v.Keys {
			if key.Kind != flow.String {
				return nil
			}
			members[key.Text] = jsonValue(v.Items[i])
		}
		if v.Literal() {
			return members
		}
	}
	return nil
}

// about explains each field in one line.
func about(fields []RunField) map[string]string {
	lines := map[string]string{}
	for _, f := range fields {
		parts := []string{f.Kind}
		switch {
		case f.Kind == "Config":
			parts = []string{"Config: the path of a file, or the value"}
		case len(f.Choices) > 0:
			parts = append(parts, "one of "+strings.Join(f.Choices, ", "))
		case f.Kind == "Parameter" && f.Type != "":
			parts = append(parts, f.Type)
		}
		switch {
		case f.Required:
			parts = append(parts, "needed")
		case f.Secret:
		case f.Default != nil:
			parts = append(parts, "default "+valueText(f.Default))
		}
		if f.Secret {
			parts = append(parts, "secret: not remembered")
		}
		if f.Help != "" {
			parts = append(parts, f.Help)
		}
		lines[f.Name] = strings.Join(parts, ", ")
	}
	return lines
}

// profiles are the names of Metaflow's configurations: config_NAME.json.
func profiles() []string {
	home := getenv("METAFLOW_HOME")
	if home == "" {
		dir, err := os.UserHomeDir()
		if err != nil {
			return nil
		}
		home = filepath.Join(dir, ".metaflowconfig")
	}
	entries, err := os.ReadDir(home)
	if err != nil {
		return nil // there are none
	}
	var names []string
	for _, e := range entries {
		name, ok := strings.CutPrefix(e.Name(), "config_")
		if name, isJSON := strings.CutSuffix(name, ".json"); ok && isJSON && name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
