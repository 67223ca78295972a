package rule

import (
	"slices"
	"strings"
	"unicode"

	"flowls/analysis/catalog"
	"flowls/analysis/flow"
	"flowls/analysis/text"
)

// parameterNames checks the names of all parameters of the flow.
func (c *checker) parameterNames(all []declaration) {
	options, configs, arguments := map[string]declaration{}, map[string]declaration{}, map[string]declaration{}
	for _, d := range all {
		if ignoredName(d.Attr) {
			continue // Metaflow does not see it
		}
		name, there, _ := d.given("name")
		if !there || name.Kind != flow.String {
			c.nameOfOtherKind(d, name)
			continue
		}
		again := c.seenBefore(d.Parameter)
		if !again {
			c.reservedName(d, name)
		}
		if d.Kind == "Config" {
			c.duplicate(d, name, configs, name.Text)
			continue
		}
		if !again {
			c.optionName(d, name)
			c.attributeName(d, name, all)
		}
		c.duplicate(d, name, options, strings.ToLower(name.Text))
		c.shared(d, name, arguments)
	}
}

// duplicate finds a second parameter of a name. Metaflow compares Configs as
// written, and everything else ignoring case.
func (c *checker) duplicate(d declaration, name flow.Value, seen map[string]declaration, key string) {
	first, twice := seen[key]
	if !twice {
		seen[key] = d
		return
	}
	if c.seenBefore(first.Parameter) && c.seenBefore(d.Parameter) {
		return
	}
	message := "`" + name.Text + "` names two parameters, `" + first.Attr + "` and `" + d.Attr + "`: give one of them another name."
	if first.Name != name.Text {
		message = "`" + name.Text + "` is the name of `" + first.Attr + "` too: case does not count. Give one of them another name."
	}
	c.report(Diagnostic{Rule: duplicateParameter, Span: name.Span, Message: message,
		Related: []Related{{Span: first.AttrSpan, Message: "the other one"}}, Fixes: c.nameAsAttribute(d, name, seen)})
}

// nameAsAttribute renames the option to what the attribute is called.
func (c *checker) nameAsAttribute(d declaration, name flow.Value, seen map[string]declaration) []Fix {
	for taken := range seen {
		if optionKey(taken) == optionKey(d.Attr) {
			return nil
		}
	}
	if catalogReserved(d.Attr) || takenByRun[optionKey(d.Attr)] {
		return nil
	}
	return []Fix{{Title: "Name it " + d.Attr, Edits: []text.Edit{{Span: name.Span, New: pythonString(d.Attr)}}, Preferred: true}}
}

// shared finds names that differ, yet make one argument of Metaflow's run
// function: the last default wins for both.
func (c *checker) shared(d declaration, name flow.Value, seen map[string]declaration) {
	first, known := seen[optionKey(name.Text)]
	if !known {
		seen[optionKey(name.Text)] = d
		return
	}
	if strings.EqualFold(first.Name, name.Text) || c.seenBefore(first.Parameter) && c.seenBefore(d.Parameter) {
		return
	}
	c.report(Diagnostic{Rule: sharedOption, Span: name.Span,
		Message: "`" + name.Text + "` and `" + first.Name + "` differ only by `-` and `_`: `" + first.Attr + "` and `" + d.Attr + "` get the same value. Give one of them another name.",
		Related: []Related{{Span: first.AttrSpan, Message: "the other one"}}})
}

// optionKey is the name of the argument that an option becomes.
func optionKey(name string) string { return strings.ReplaceAll(strings.ToLower(name), "-", "_") }

func catalogReserved(name string) bool {
	return slices.Contains(catalog.Default().ReservedParameters, name)
}

// takenByRun are the arguments of Metaflow's run function: an option in
// another spelling than the reserved one still lands there.
var takenByRun = map[string]bool{
	"obj": true, "tags": true, "max_workers": true, "max_num_splits": true, "max_log_size": true, "decospecs": true,
	"run_id_file": true, "runner_attribute_file": true, "user_namespace": true,
}

func (c *checker) reservedName(d declaration, name flow.Value) {
	message := ""
	switch {
	case catalogReserved(name.Text):
		message = "`" + name.Text + "` is an option of Metaflow's own: choose another name for the parameter."
	case d.Kind != "Config" && takenByRun[optionKey(name.Text)]:
		message = "`" + name.Text + "` is taken for `" + optionKey(name.Text) + "`, an argument of Metaflow's own: choose another name for the parameter."
	default:
		return
	}
	var fixes []Fix
	if attr := d.Attr; !catalogReserved(attr) && !takenByRun[optionKey(attr)] {
		fixes = c.nameAsAttribute(d, name, nil)
	}
	c.report(Diagnostic{Rule: reservedParameter, Span: name.Span, Message: message, Fixes: fixes})
}

// optionName: click needs a name that makes an argument of a function.
func (c *checker) optionName(d declaration, name flow.Value) {
	if isIdentifier(optionKey(name.Text)) {
		return
	}
	message := "`" + name.Text + "` cannot be an option of the command line: use letters, digits, `-` and `_`, and no digit first."
	if name.Text == "" {
		message = "The name of the parameter is empty: it is the option on the command line."
	}
	fix := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, strings.TrimSpace(name.Text))
	diagnostic := Diagnostic{Rule: badOptionName, Span: name.Span, Message: message}
	if isIdentifier(optionKey(fix)) && !catalogReserved(fix) && !takenByRun[optionKey(fix)] {
		diagnostic.Fixes = []Fix{{Title: "Name it " + fix, Edits: []text.Edit{{Span: name.Span, New: pythonString(fix)}}, Preferred: true}}
	} else {
		diagnostic.Fixes = c.nameAsAttribute(d, name, nil)
	}
	c.report(diagnostic)
}

// nameOfOtherKind: a name that is no string.
func (c *checker) nameOfOtherKind(d declaration, name flow.Value) {
	if d.Kind == "Config" || !name.Known() || !name.Literal() || c.seenBefore(d.Parameter) {
		return
	}
	c.report(Diagnostic{Rule: badOptionName, Span: name.Span,
		Message: "The first argument of `" + d.Kind + "` is its name on the command line: a string, such as `\"" + d.Attr + "\"`.",
		Fixes:   c.nameAsAttribute(d, name, nil)})
}

// attributeName hints at a name that is neither that of the attribute nor a
// short form of it.
func (c *checker) attributeName(d declaration, name flow.Value, all []declaration) {
	option, attr := optionKey(name.Text), optionKey(d.Attr)
	if option == attr || !isIdentifier(option) {
		return
	}
	mixedUp := slices.ContainsFunc(all, func(o declaration) bool { return o.Attr != d.Attr && optionKey(o.Attr) == option })
	if !mixedUp && shortFor(option, attr) && !slip(option, attr) {
		return
	}
	message := "The attribute `" + d.Attr + "` is `--" + name.Text + "` on the command line: name both alike, unless it is meant so."
	if mixedUp {
		message = "The attribute `" + d.Attr + "` is `--" + name.Text + "` on the command line, while another attribute is called so: a slip of the pen?"
	}
	c.report(Diagnostic{Rule: otherOptionName, Span: name.Span, Message: message, Fixes: c.nameAsAttribute(d, name, nil)})
}

// slip reports whether two names differ so little that it looks unintended.
func slip(a, b string) bool {
	var m measure
	return min(len(a), len(b)) >= 5 && m.distance([]rune(a), b, 3) < 3 && strings.Trim(a, "_s") != strings.Trim(b, "_s")
}

// shortFor reports whether one name is a shorter form of the other: its
// letters stand in the other in the same order.
func shortFor(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, r := range b {
		if a != "" && strings.HasPrefix(a, string(r)) {
			a = a[len(string(r)):]
		}
	}
	return a == ""
}

func isIdentifier(name string) bool {
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Mc, r) && !unicode.Is(unicode.Pc, r)) {
			return false
		}
	}
	return name != ""
}

// keywords are Python's: no name of an attribute.
var keywords = map[string]bool{
	"False": true, "None": true, "True": true, "and": true, "as": true, "assert": true, "async": true, "await": true, "break": true, "class": true,
	"continue": true, "def": true, "del": true, "elif": true, "else": true, "except": true, "finally": true, "for": true, "from": true, "global": true,
	"if": true, "import": true, "in": true, "is": true, "lambda": true, "nonlocal": true, "not": true, "or": true, "pass": true, "raise": true,
	"return": true, "try": true, "while": true, "with": true, "yield": true,
}

// pythonString is a name as a string literal.
func pythonString(name string) string { return `"` + name + `"` }
