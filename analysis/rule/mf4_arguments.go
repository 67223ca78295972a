package rule

import (
	"slices"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// clickOptions are the arguments of click.Option, to which Metaflow hands what
// it does not know itself. A test compares them with the installed one.
var clickOptions = []string{
	"allow_from_autoenv", "autocompletion", "callback", "confirmation_prompt", "count", "envvar", "expose_value", "flag_value", "hidden",
	"hide_input", "is_eager", "is_flag", "metavar", "multiple", "nargs", "prompt", "show_choices", "show_envvar",
}

// ownArguments are those that a declaration takes beside clickOptions.
var ownArguments = map[string][]string{
	"Parameter":   {"name", "default", "type", "help", "required", "show_default", "separator"},
	"IncludeFile": {"name", "default", "help", "required", "show_default", "is_text", "encoding", "parser", "separator"},
	"Config":      {"name", "default", "default_value", "help", "required", "parser", "plain", "show_default", "separator"},
}

// parameterArguments checks which arguments there are, and of what kind.
func (c *checker) parameterArguments(d declaration) {
	c.argumentNames(d)
	c.configDefaults(d)
	c.separator(d)
	c.functions(d)
	c.deployTime(d)
}

func (c *checker) argumentNames(d declaration) {
	wrong := func(span text.Span, message string, fixes ...Fix) {
		c.report(Diagnostic{Rule: badParameterArguments, Span: span, Message: message, Fixes: fixes})
	}
	positional := order[d.Kind]
	if d.absent("name") && len(d.call.Items) == 0 {
		fix := Fix{Title: "Name it " + d.Attr, Edits: []text.Edit{c.insertArgument(d, pythonString(d.Attr))}, Preferred: true}
		wrong(d.call.Span, "`"+d.Kind+"` needs a name: the option on the command line, mostly called as the attribute.", fix)
	}
	if extra := len(d.call.Items) - len(positional); extra > 0 {
		wrong(d.call.Items[len(positional)].Span, "`"+d.Kind+"` takes its first arguments only by position: give the others by name.")
	}
	for _, k := range d.call.Keywords {
		at := slices.Index(positional, k.Name)
		switch {
		case at >= 0 && at < len(d.call.Items):
			wrong(k.Span, "`"+k.Name+"` is given twice: here, and by position.")
		case k.Name == "type" && d.Kind != "Parameter":
			wrong(k.Span, "`"+d.Kind+"` has no `type`: Metaflow sets it itself. Remove it.", c.removeKeyword(d.call, k))
		case slices.Contains(ownArguments[d.Kind], k.Name):
		case d.Kind == "Config":
			c.report(Diagnostic{Rule: ignoredConfigArgument, Span: k.NameSpan,
				Message: "`Config` has no argument `" + k.Name + "`, and ignores it" + c.orNear(d, k) + ".", Fixes: c.renameArgument(d, k)})
		case !slices.Contains(clickOptions, k.Name):
			wrong(k.NameSpan, "`"+d.Kind+"` has no argument `"+k.Name+"`"+c.orNear(d, k)+": `run` fails.", c.renameArgument(d, k)...)
		}
	}
}

// commonNames are words for an argument that others use.
var commonNames = map[string]string{
	"description": "help", "desc": "help", "doc": "help", "helptext": "help", "default_val": "default", "dtype": "type", "typ": "type", "optional": "required", "sep": "separator", "delimiter": "separator", "value": "default", "path": "default", "file": "default", "text": "is_text",
}

// nearArgument is the argument that a wrong name was meant to be, "" if unsure
// or given already.
func (c *checker) nearArgument(d declaration, name string) string {
	near, cost := commonNames[name], max(2, len(name)/3+1)
	var m measure
	for _, own := range ownArguments[d.Kind] {
		if n := m.distance([]rune(name), own, cost); n < cost {
			near, cost = own, n
		}
	}
	if near == "optional" || name == "optional" || !slices.Contains(ownArguments[d.Kind], near) {
		return ""
	}
	if _, given := d.args[near]; given {
		return ""
	}
	return near
}

func (c *checker) orNear(d declaration, k flow.Keyword) string {
	if near := c.nearArgument(d, k.Name); near != "" {
		return " (did you mean `" + near + "`?)"
	}
	return ""
}

func (c *checker) renameArgument(d declaration, k flow.Keyword) []Fix {
	near := c.nearArgument(d, k.Name)
	if near == "" {
		return nil
	}
	return []Fix{{Title: "Change to " + near, Edits: []text.Edit{{Span: k.NameSpan, New: near}}, Preferred: true}}
}

// insertArgument puts a first argument into the call.
func (c *checker) insertArgument(d declaration, argument string) text.Edit {
	if len(d.call.Keywords) > 0 {
		at := d.call.Keywords[0].Span.Start
		return text.Edit{Span: text.Span{Start: at, End: at}, New: argument + ", "}
	}
	at := d.call.Span.End - 1
	return text.Edit{Span: text.Span{Start: at, End: at}, New: argument}
}

// removeKeyword takes a keyword argument away, with the comma before it.
func (c *checker) removeKeyword(call flow.Value, k flow.Keyword) Fix {
	start := k.Span.Start
	for start > call.Span.Start {
		ch := c.file.Slice(text.Span{Start: start - 1, End: start})
		if ch != " " && ch != "\n" && ch != "\r" && ch != "\t" && ch != "," {
			break
		}
		start--
	}
	edit := text.Edit{Span: text.Span{Start: start, End: k.Span.End}}
	if c.file.Slice(text.Span{Start: start - 1, End: start}) == "(" { // the first argument: the comma behind it goes
		for edit.Span.End < call.Span.End-1 {
			ch := c.file.Slice(text.Span{Start: edit.Span.End, End: edit.Span.End + 1})
			if ch != " " && ch != "," {
				break
			}
			edit.Span.End++
		}
	}
	return Fix{Title: "Remove " + k.Name, Edits: []text.Edit{edit}, Preferred: true}
}

// configDefaults: a path and a value cannot both be the default.
func (c *checker) configDefaults(d declaration) {
	if d.Kind != "Config" {
		return
	}
	path, hasPath, _ := d.given("default")
	value, hasValue, _ := d.given("default_value")
	unsure := func(v flow.Value) bool {
		return !v.Literal() && v.Kind != flow.FString && v.Kind != flow.Lambda && v.Kind != flow.Dict
	}
	if !hasPath || !hasValue || unsure(path) || unsure(value) {
		return
	}
	c.report(Diagnostic{Rule: twoConfigDefaults, Span: value.Span,
		Message: "`" + d.Attr + "` has a `default`, which is a file, and a `default_value`: Metaflow takes only one of them."})
}

// separator splits a string: the parameter must be one.
func (c *checker) separator(d declaration) {
	separator, there, _ := d.given("separator")
	if !there || separator.Kind != flow.String || separator.Text == "" {
		return
	}
	value, hasDefault, _ := d.given("default")
	typeValue, typed, _ := d.given("type")
	why := ""
	switch name := c.typeName(typeValue, d.at); {
	case d.Kind == "IncludeFile":
		why = "an `IncludeFile` is no string"
	case d.Kind == "Config":
		if v, dict, _ := d.given("default_value"); dict && v.Kind == flow.Dict {
			why = "its default is a dict"
		}
	case typed && name != "" && name != "str":
		why = "its type is `" + typeValue.Text + "`"
	case hasDefault && (value.Kind == flow.Lambda || c.isFunction(value, d.at)):
		why = "its default is a function"
	case hasDefault && inferred[value.Kind] != "" && inferred[value.Kind] != "str":
		why = "its default is no string"
	}
	if why == "" {
		return
	}
	k, _ := d.call.Keyword("separator")
	c.report(Diagnostic{Rule: separatorNotString, Span: k.Span,
		Message: "`separator` splits a string, but " + why + ": remove it, or make `" + d.Attr + "` a string.", Fixes: []Fix{c.removeKeyword(d.call, k)}})
}

// isFunction: the name of a function of the file.
func (c *checker) isFunction(v flow.Value, at int) bool {
	_, ok := c.flow.Function(v.Text, at)
	return v.Kind == flow.Name && ok
}

// functions reports functions where Metaflow wants a value.
func (c *checker) functions(d declaration) {
	for _, name := range []string{"required", "show_default", "separator"} {
		v, there, _ := d.given(name)
		builtin := v.Kind == flow.Name && (slices.Contains(builtinTypes, v.Text) || v.Text == "print" || v.Text == "len") && c.isBuiltin(v.Text, d.at)
		if there && (v.Kind == flow.Lambda || builtin || c.isFunction(v, d.at)) {
			c.report(Diagnostic{Rule: functionNotAllowed, Span: v.Span,
				Message: "`" + name + "` of `" + d.Attr + "` is a function: only `default` may be one. Give the value itself."})
		}
	}
}

// deployTime: Metaflow calls a default that is a function with the context,
// and that of a parameter with one more argument if the function takes it.
func (c *checker) deployTime(d declaration) {
	for _, name := range []string{"default", "default_value"} {
		v, there, _ := d.given(name)
		if !there || name == "default_value" && d.Kind != "Config" {
			continue
		}
		if v.Kind == flow.Name && (v.Text == "int" || v.Text == "float") && c.isBuiltin(v.Text, d.at) {
			c.typeAsDefault(d, v)
			continue
		}
		var takes flow.Signature
		if v.Kind == flow.Lambda {
			takes = *v.Takes
		} else {
			known := false
			if takes, known = c.flow.Function(v.Text, d.at); !known || v.Kind != flow.Name {
				continue
			}
		}
		if takes.Takes(1) || d.Kind != "Config" && takes.Takes(2) {
			continue
		}
		diagnostic := Diagnostic{Rule: deployTimeArguments, Span: v.Span,
			Message: "The function that gives the default of `" + d.Attr + "` must take one argument, the context: Metaflow calls it with that."}
		if v.Kind == flow.Lambda && takes.Most == 0 && !takes.Keywords {
			at := v.Span.Start + len("lambda")
			diagnostic.Fixes = []Fix{{Title: "Take the context", Edits: []text.Edit{{Span: text.Span{Start: at, End: at}, New: " context"}}, Preferred: true}}
		}
		c.report(diagnostic)
	}
}

// typeAsDefault: a number type in the place of the default is called with the context, and fails.
func (c *checker) typeAsDefault(d declaration, v flow.Value) {
	diagnostic := Diagnostic{Rule: deployTimeArguments, Span: v.Span,
		Message: "`" + v.Text + "` stands for the default of `" + d.Attr + "`, and Metaflow calls it with its context, which fails: write `type=" + v.Text + "`."}
	last := len(d.call.Items) - 1
	switch k, byName := d.call.Keyword("default"); {
	case d.Kind != "Parameter" || !d.absent("type"):
	case byName:
		diagnostic.Fixes = []Fix{{Title: "Make it the type", Edits: []text.Edit{{Span: k.NameSpan, New: "type"}}, Preferred: true}}
	case last >= 0 && d.call.Items[last].Span == v.Span:
		diagnostic.Fixes = []Fix{{Title: "Make it the type", Edits: insert(v.Span.Start, "type="), Preferred: true}}
	}
	c.report(diagnostic)
}
