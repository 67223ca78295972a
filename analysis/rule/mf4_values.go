package rule

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// parameterValues checks defaults and types.
func (c *checker) parameterValues(d declaration) {
	switch d.Kind {
	case "Parameter":
		c.parameterDefault(d)
	case "IncludeFile":
		c.includeFileDefault(d)
	case "Config":
		c.configDefault(d)
	}
}

// shaping are arguments of click that make of the value something else than
// one conversion by type=.
var shaping = []string{"multiple", "nargs", "is_flag", "flag_value", "count", "prompt"}

func (c *checker) parameterDefault(d declaration) {
	value, there, sure := d.given("default")
	typeValue, typed, sureType := d.given("type")
	if typed && c.badType(d, typeValue) {
		return
	}
	if !sure || !sureType || !d.absent(shaping...) {
		return
	}
	if there && c.givesWrong(d, value, typeValue, typed) {
		return
	}
	kind := ""
	switch {
	case typed:
		kind = c.typeName(typeValue, d.at)
	case there:
		kind = inferred[value.Kind]
	}
	if there {
		if problem := misfit(kind, value); problem != "" {
			c.report(Diagnostic{Rule: badDefault, Span: value.Span,
				Message: "The default of `" + d.Attr + "` " + problem + ": a run without `--" + d.Name + "` fails.", Fixes: c.defaultFixes(kind, value, typeValue)})
			return
		}
		if f, err := strconv.ParseFloat(value.Text, 64); err == nil && kind == "int" && value.Kind == flow.Float && f != math.Trunc(f) {
			c.report(Diagnostic{Rule: truncatedDefault, Span: value.Span,
				Message: "The default of `" + d.Attr + "` becomes " + strconv.FormatFloat(math.Trunc(f)+0, 'f', -1, 64) + ", since its type is `int`: make the type `float`, or the default whole.",
				Fixes:   []Fix{{Title: "Make the type float", Edits: []text.Edit{{Span: typeValue.Span, New: "float"}}, Preferred: true}}})
		}
	}
	c.unsettable(d, kind, typeValue, value)
}

// givesWrong reports a function as default that returns a constant of another
// type than Metaflow asks for: exactly that of the parameter, or a string.
func (c *checker) givesWrong(d declaration, value, typeValue flow.Value, typed bool) bool {
	var takes flow.Signature
	switch {
	case value.Kind == flow.Lambda:
		takes = *value.Takes
	case value.Kind == flow.Name:
		takes, _ = c.flow.Function(value.Text, d.at)
	}
	gives := takes.Gives
	if gives == nil || !takes.Takes(1) && !takes.Takes(2) {
		return false
	}
	want := "str"
	if typed {
		switch want = c.typeName(typeValue, d.at); want {
		case "":
			return false
		case "bool", "int", "float", "list", "dict":
		default:
			want = "str"
		}
	}
	got := inferred[gives.Kind]
	if gives.Kind == flow.None {
		got = "None"
	}
	if got == "" || got == want {
		return false
	}
	c.report(Diagnostic{Rule: badDefault, Span: value.Span,
		Message: "The function that gives the default of `" + d.Attr + "` returns " + keyOrKind(*gives, got) + ", and Metaflow wants a `" + want + "`: a run without `--" + d.Name + "` fails."})
	return true
}

func keyOrKind(v flow.Value, kind string) string {
	if v.Constant() {
		return "`" + keyText(v) + "`"
	}
	return "a `" + kind + "`"
}

// inferred is the type that Metaflow takes from a default.
var inferred = map[flow.ValueKind]string{
	flow.String: "str", flow.FString: "str", flow.Int: "int", flow.Float: "float", flow.Bool: "bool", flow.List: "list", flow.ListComp: "list",
	flow.Tuple: "tuple", flow.Dict: "dict", flow.DictComp: "dict", flow.Set: "set", flow.SetComp: "set", flow.Bytes: "bytes", flow.Ellipsis: "...",
}

// builtinTypes are the ones whose conversions are known here.
var builtinTypes = []string{"int", "float", "bool", "str", "list", "tuple", "set", "dict"}

// typeName is the type that an argument names: a builtin, "JSON", or "".
func (c *checker) typeName(v flow.Value, at int) string {
	if v.Kind != flow.Name {
		return ""
	}
	if slices.Contains(builtinTypes, v.Text) && c.isBuiltin(v.Text, at) {
		return v.Text
	}
	if full, bound := c.flow.Resolve(v.Text, at); bound && (full == "metaflow.JSONType" || full == "metaflow.parameters.JSONType") {
		return "JSON"
	}
	return ""
}

// isBuiltin reports whether nothing in the file binds the name of a builtin.
func (c *checker) isBuiltin(name string, at int) bool {
	_, bound := c.flow.Resolve(name, at)
	return !bound
}

// notOfText are types that people take for a date or a time; called with a text, they fail.
var notOfText = []string{"datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta"}

// badType reports a type= that click cannot make a conversion of.
func (c *checker) badType(d declaration, v flow.Value) bool {
	if d.Kind != "Parameter" {
		return false
	}
	diagnostic := Diagnostic{Rule: badParameterType, Span: v.Span}
	switch v.Kind {
	case flow.Name:
		full, bound := c.flow.Resolve(v.Text, d.at)
		value, there, sure := d.given("default")
		switch {
		case bound && full == "metaflow.JSONTypeClass":
			diagnostic.Message = "The type of `" + d.Attr + "` is the class `JSONTypeClass`: use its instance, `JSONType`."
			diagnostic.Fixes = []Fix{{Title: "Make an instance", Edits: []text.Edit{{Span: text.Span{Start: v.Span.End, End: v.Span.End}, New: "()"}}, Preferred: true}}
		case bound && slices.Contains(notOfText, full) && there && sure && value.Kind == flow.String && d.absent("callback"):
			diagnostic.Message = "The type of `" + d.Attr + "` is `" + full + "`, which cannot be made of a text, such as the default: "
			if full == "datetime.timedelta" {
				diagnostic.Message += "leave the type out, and convert the text in a step."
				break
			}
			diagnostic.Message += "name what reads one, `" + v.Text + ".fromisoformat`."
			diagnostic.Fixes = []Fix{{Title: "Read it with fromisoformat", Edits: []text.Edit{{Span: text.Span{Start: v.Span.End, End: v.Span.End}, New: ".fromisoformat"}}, Preferred: true}}
		default:
			return false
		}
	case flow.String:
		diagnostic.Message = "The type of `" + d.Attr + "` is a string: name the type itself, such as `int`."
		if slices.Contains(builtinTypes, v.Text) {
			diagnostic.Message = "The type of `" + d.Attr + "` is the string `" + v.Text + "`: write it without quotes."
			diagnostic.Fixes = []Fix{{Title: "Write " + v.Text, Edits: []text.Edit{{Span: v.Span, New: v.Text}}, Preferred: true}}
		}
	case flow.Call:
		full, bound := c.flow.Resolve(v.Text, d.at)
		if bound != (full == "metaflow.JSONType") || !bound && !slices.Contains(builtinTypes, v.Text) {
			return false
		}
		diagnostic.Message = "The type of `" + d.Attr + "` is what `" + v.Text + "(...)` returns: name the type itself, `" + v.Text + "`."
		if len(v.Items)+len(v.Keywords) == 0 && !v.Unpacks {
			diagnostic.Fixes = []Fix{{Title: "Write " + v.Text, Edits: []text.Edit{{Span: v.Span, New: v.Text}}, Preferred: true}}
		}
	case flow.Tuple:
		if !slices.ContainsFunc(v.Items, flow.Value.Constant) {
			return false // as many types as values
		}
		diagnostic.Message = "The type of `" + d.Attr + "` is a tuple: name one type, such as `str`, or a click type for a choice."
	case flow.List, flow.Set, flow.Dict, flow.Int, flow.Float, flow.Bool, flow.Bytes, flow.FString:
		diagnostic.Message = "The type of `" + d.Attr + "` is a value: name a type, such as `str`, or a click type for a choice."
	default:
		return false
	}
	c.report(diagnostic)
	return true
}

// unsettable hints at types that make nothing useful of a string.
func (c *checker) unsettable(d declaration, kind string, typeValue, value flow.Value) {
	if !slices.Contains([]string{"list", "tuple", "set", "dict"}, kind) || !d.absent("callback", "separator") {
		return
	}
	what := "is split into its letters"
	if kind == "dict" {
		what = "is refused"
	}
	span := value.Span
	if typeValue.Known() {
		span = typeValue.Span
	}
	var fixes []Fix
	if kind == "list" || kind == "dict" {
		name, add := c.metaflowName("JSONType", d.at)
		switch {
		case name == "":
		case typeValue.Known():
			fixes = []Fix{{Title: "Make the type JSONType", Edits: append(add, text.Edit{Span: typeValue.Span, New: name}), Preferred: true}}
		default:
			fixes = []Fix{{Title: "Add type=JSONType", Edits: append(add, text.Edit{Span: text.Span{Start: value.Span.End, End: value.Span.End}, New: ", type=" + name}), Preferred: true}}
			if _, byName := d.call.Keyword("default"); !byName {
				fixes = nil // a keyword must not stand before a positional argument
			}
		}
	}
	c.report(Diagnostic{Rule: unsettableParameter, Span: span,
		Message: "`" + d.Attr + "` is a " + kind + ": what is given with `--" + d.Name + "` " + what + ". Use `JSONType`, or a string with `separator`.", Fixes: fixes})
}

func (c *checker) defaultFixes(kind string, value, typeValue flow.Value) []Fix {
	if kind == "bool" && value.Kind == flow.Int && (value.Text == "0" || value.Text == "1") {
		new := map[string]string{"0": "False", "1": "True"}[value.Text]
		return []Fix{{Title: "Write " + new, Edits: []text.Edit{{Span: value.Span, New: new}}, Preferred: true}}
	}
	if kind == "int" && value.Kind == flow.String && floatText().MatchString(value.Text) {
		return []Fix{{Title: "Make the type float", Edits: []text.Edit{{Span: typeValue.Span, New: "float"}}, Preferred: true}}
	}
	return nil
}

func (c *checker) includeFileDefault(d declaration) {
	v, there, _ := d.given("default")
	if !there {
		return
	}
	problem := ""
	switch {
	case v.Kind == flow.String && v.Text == "":
		problem = "is empty: it must be the path of a file"
	case v.Kind == flow.String && strings.Index(v.Text, "://") > 0 && !strings.HasPrefix(v.Text, "{"):
		problem = "is an address: Metaflow includes local files only"
	case v.Kind == flow.String || v.Kind == flow.FString || v.Kind == flow.Lambda:
		return
	case v.Kind == flow.Call && c.isCall(v, d.at, "pathlib.Path", "pathlib.PurePath"):
		problem = "is a `Path`: a string is needed"
	case v.Literal() || inferred[v.Kind] != "":
		problem = "is no string: it must be the path of a file"
	default:
		return
	}
	diagnostic := Diagnostic{Rule: badDefault, Span: v.Span, Message: "The default of `" + d.Attr + "` " + problem + ". A run without `--" + d.Name + "` fails."}
	if v.Kind == flow.Call {
		if c.isBuiltin("str", d.at) {
			at := func(offset int, new string) text.Edit {
				return text.Edit{Span: text.Span{Start: offset, End: offset}, New: new}
			}
			diagnostic.Fixes = []Fix{{Title: "Wrap it in str(...)", Edits: []text.Edit{at(v.Span.Start, "str("), at(v.Span.End, ")")}, Preferred: true}}
		}
	}
	c.report(diagnostic)
}

func (c *checker) isCall(v flow.Value, at int, names ...string) bool {
	full, bound := c.flow.Resolve(v.Text, at)
	return v.Kind == flow.Call && bound && slices.Contains(names, full)
}

func (c *checker) configDefault(d declaration) {
	if v, there, _ := d.given("default"); there {
		switch v.Kind {
		case flow.String:
			if v.Text == "" {
				c.report(Diagnostic{Rule: badDefault, Span: v.Span, Message: "The default of `" + d.Attr + "` is empty: it must be the path of a file."})
			}
		case flow.Bool, flow.Int, flow.Float, flow.List, flow.Dict, flow.Tuple, flow.Set, flow.ListComp, flow.DictComp, flow.SetComp:
			problem := "is no string: it must be the path of a file"
			var fixes []Fix
			if k, byName := d.call.Keyword("default"); byName && v.Kind == flow.Dict && d.absent("default_value") {
				problem = "is a dict, but `default` is the path of a file: use `default_value`"
				fixes = []Fix{{Title: "Use default_value", Edits: []text.Edit{{Span: k.NameSpan, New: "default_value"}}, Preferred: true}}
			}
			c.report(Diagnostic{Rule: badDefault, Span: v.Span, Message: "The default of `" + d.Attr + "` " + problem + ".", Fixes: fixes})
		}
	}
	v, there, _ := d.given("default_value")
	if !there || !d.absent("default") {
		return
	}
	problem := ""
	switch v.Kind {
	case flow.String:
		if d.absent("parser", "plain") && !jsonObject(v.Text) {
			problem = "is no JSON object: write a dict, or name a `parser`"
		}
	case flow.Dict:
		if !serialisable(v) {
			problem = "holds a value that JSON does not have"
		}
	case flow.Int, flow.Float, flow.Bool, flow.Bytes, flow.List, flow.Tuple, flow.Set, flow.ListComp, flow.SetComp:
		problem = "is neither a dict nor a string"
	}
	if problem != "" {
		c.report(Diagnostic{Rule: badDefault, Span: v.Span, Message: "The default value of `" + d.Attr + "` " + problem + "."})
	}
}

// serialisable is false when json.dumps surely fails on the value.
func serialisable(v flow.Value) bool {
	switch v.Kind {
	case flow.Bytes, flow.Set, flow.SetComp, flow.Ellipsis, flow.Complex, flow.Generator:
		return false
	case flow.Dict:
		for _, k := range v.Keys {
			if k.Kind == flow.Tuple || k.Kind == flow.Bytes || k.Kind == flow.Ellipsis || k.Kind == flow.Complex {
				return false
			}
		}
	case flow.List, flow.Tuple:
	default:
		return true
	}
	return !slices.ContainsFunc(v.Items, func(i flow.Value) bool { return !serialisable(i) })
}
