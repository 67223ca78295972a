package flow

import (
	"slices"
	"strings"
)

// Declared is what the call of a parameter says, as far as its text shows.
type Declared struct {
	// Type is what its values must be: "str", "int", "float", "bool", "json",
	// "file" of an IncludeFile, "config", or "" where that cannot be told.
	Type string
	// Choices are the only values, if they are listed.
	Choices []string
	// HasDefault: Metaflow finds a value by itself. Default is it, if it is a literal.
	HasDefault bool
	Default    Value
	Required   bool // and without a default
	Hidden     bool // is not to be shown when it is typed
	Help       string
	Separator  string // splits a string into a list
	// DefaultFile is the file that a Config or an IncludeFile reads by itself: a
	// literal path, else a value that is not known.
	DefaultFile Value
}

var parameterOrder = map[string][]string{
	"Parameter":   {"name", "default", "type", "help", "required", "show_default"},
	"IncludeFile": {"name", "required", "is_text", "encoding", "help", "parser"},
	"Config":      {"name", "default", "default_value", "help", "required", "parser", "plain"},
}

// Declared reads the call of one of the flow's parameters.
func (f *Flow) Declared(p *Parameter) Declared {
	call := p.Call()
	args := map[string]Value{}
	for i, v := range call.Items {
		if names := parameterOrder[p.Kind]; i < len(names) {
			args[names[i]] = v
		}
	}
	for _, k := range call.Keywords {
		args[k.Name] = k.Value
	}
	given := func(name string) (Value, bool) {
		v, ok := args[name]
		return v, ok && v.Kind != None
	}
	var d Declared
	if v, ok := given("help"); ok && v.Kind == String {
		d.Help = v.Text
	}
	if v, ok := given("separator"); ok && v.Kind == String {
		d.Separator = v.Text
	}
	if v, ok := given("hide_input"); ok && v.Kind == Bool {
		d.Hidden = v.Text == "True"
	}
	d.Default, d.HasDefault = given("default")
	if p.Kind != "Parameter" && d.Default.Kind == String {
		d.DefaultFile = d.Default
	}
	if p.Kind == "Config" {
		if d.HasDefault {
			d.Default = Value{}
		} else {
			d.Default, d.HasDefault = given("default_value")
		}
	}
	// With ** anything may be given.
	d.HasDefault = d.HasDefault || call.Unpacks
	if v, ok := given("required"); ok && v.Kind == Bool && !d.HasDefault {
		d.Required = v.Text == "True"
	}
	switch p.Kind {
	case "IncludeFile":
		d.Type = "file"
	case "Config":
		d.Type = "config"
	default:
		f.declareType(p, call, given, &d)
	}
	return d
}

// declareType: the type is what is given, else that of the default, else str.
func (f *Flow) declareType(p *Parameter, call Value, given func(string) (Value, bool), d *Declared) {
	if v, ok := given("type"); ok {
		full, bound := f.Resolve(v.Text, p.Span.Start)
		switch {
		case v.Kind == Name && !bound && slices.Contains([]string{"str", "int", "float", "bool"}, v.Text):
			d.Type = v.Text
		case v.Kind == Name && bound && strings.HasPrefix(full, "metaflow.") && strings.HasSuffix(full, ".JSONType"):
			d.Type = "json"
		case v.Kind == Call && strings.HasSuffix(v.Text, "Choice") && len(v.Items) > 0:
			d.choices(v.Items[0])
		}
		return
	}
	if call.Unpacks {
		return
	}
	if !d.HasDefault {
		d.Type = "str"
		return
	}
	d.Type = map[ValueKind]string{String: "str", FString: "str", Int: "int", Float: "float", Bool: "bool", Lambda: "str"}[d.Default.Kind]
}

func (d *Declared) choices(list Value) {
	if list.Kind != List && list.Kind != Tuple || !list.Literal() {
		return
	}
	for _, item := range list.Items {
		if item.Kind != String {
			d.Choices = nil
			return
		}
		d.Choices = append(d.Choices, item.Text)
	}
}
