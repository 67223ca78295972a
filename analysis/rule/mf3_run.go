package rule

import (
	"strings"

	"flowls/analysis/flow"
)

// Values that pass every check and make each task fail.

// artifactName judges catch(var=…), which @catch sets after the step.
func artifactName(v flow.Value, _ context) *problem {
	if is, known := truth(v); known && !is {
		return nil // no artifact at all
	}
	if kind := kindOf(v); kind != "" && kind != "str" {
		return &problem{text: wrongKind(v, "the name of an artifact, as a string")}
	}
	if v.Kind == flow.String && (v.Text == "index" || v.Text == "input") {
		return say("is `%s`, which Metaflow needs for itself; choose another name.", v.Text)
	}
	return nil
}

func environmentVariables(v flow.Value, _ context) *problem {
	if p := mapping(v, " of names and values"); p != nil {
		return p
	}
	if v.Kind != flow.Dict {
		return nil
	}
	for _, key := range v.Keys {
		if kind := kindOf(key); kind != "" && kind != "str" && kind != "bytes" {
			return say("has the key %s; a variable's name is a string.", shown(key))
		}
		if key.Kind == flow.String && strings.ContainsAny(key.Text, "=\x00") {
			return say("has the key %s; a variable's name holds no `=`.", shown(key))
		}
	}
	return nil
}

func secretSources(v flow.Value, _ context) *problem {
	switch kind := kindOf(v); kind {
	case "":
		return nil
	case "str", "dict":
		if is, known := truth(v); known && !is {
			return nil
		}
		if v.Kind == flow.String || v.Kind == flow.Dict {
			return say("is a %s by itself; put it into a list: `[…]`.", kind)
		}
		return nil
	case "list", "tuple", "set", "generator":
	default:
		return &problem{text: wrongKind(v, "a list of sources")}
	}
	for _, source := range v.Items {
		if p := secretSource(source); p != nil {
			return p
		}
	}
	return nil
}

func secretSource(source flow.Value) *problem {
	kind := kindOf(source)
	if kind != "" && kind != "str" && kind != "dict" {
		return say("holds %s; a source is a string such as `\"aws-secrets-manager.name\"`, or a dictionary.", shown(source))
	}
	if source.Kind != flow.Dict || source.Unpacks {
		return nil
	}
	id, hasID := entry(source, "id")
	if !allStrings(source.Keys) {
		return nil
	}
	if !hasID {
		return say("holds a source without `id`; add it.")
	}
	for _, part := range []struct {
		name, want string
		value      flow.Value
	}{{name: "id", want: "str", value: id}, {name: "type", want: "str"}, {name: "options", want: "dict"}, {name: "role", want: "str"}} {
		value, ok := part.value, part.name == "id"
		if !ok {
			value, ok = entry(source, part.name)
		}
		if kind := kindOf(value); ok && kind != "" && kind != part.want && !(part.name == "role" && kind == "None") {
			return say("has %s for `%s` of a source; use a %s.", shown(value), part.name, part.want)
		}
	}
	return nil
}

// entry is the value of a key of a dict display, the last one if it is repeated.
func entry(dict flow.Value, key string) (flow.Value, bool) {
	for i := len(dict.Keys) - 1; i >= 0; i-- {
		if k := dict.Keys[i]; k.Kind == flow.String && k.Text == key {
			return dict.Items[i], true
		}
	}
	return flow.Value{}, false
}

func allStrings(list []flow.Value) bool {
	for _, v := range list {
		if v.Kind != flow.String {
			return false
		}
	}
	return true
}

func cardType(v flow.Value, _ context) *problem {
	if kind := kindOf(v); kind != "" && kind != "str" {
		return &problem{text: wrongKind(v, "the name of a card type, as a string")}
	}
	return nil
}

// cardTimeout: the card's process is waited for that many seconds. Metaflow reads a number from a string.
func cardTimeout(v flow.Value, _ context) *problem {
	switch kind := kindOf(v); kind {
	case "str":
		if asInt(v).bad {
			return &problem{text: wrongKind(v, "a number of seconds")}
		}
	case "dict", "list", "tuple", "set", "bytes":
		return &problem{text: wrongKind(v, "a number of seconds")}
	}
	return nil
}
