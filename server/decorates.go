package server

import (
	"bytes"
	"strings"

	"flowls/analysis/catalog"
)

// decorates says what a decorator at an offset decorates, by the code around
// it: steps above a def in a class, flows above a class, "" above a function or
// in a file's loose end that cannot take one. given are the decorators that
// stand there already, by the last part of their names.
func decorates(source []byte, offset int) (level catalog.Level, given map[string]bool) {
	given = map[string]bool{}
	start := lineStart(source, offset)
	indent := indentation(source[start:])
	for at := start; at > 0; { // decorators above
		at = lineStart(source, at-1)
		line := lineText(source, at)
		if trimmed := strings.TrimSpace(line); trimmed != "" && !addDecorator(given, line, indent) &&
			(len(line)-len(strings.TrimLeft(line, " \t"))) <= indent && !strings.HasPrefix(trimmed, ")") && !strings.HasPrefix(trimmed, "#") {
			break
		}
	}
	for at := nextLine(source, offset); at < len(source); at = nextLine(source, at) {
		line := lineText(source, at)
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || indentation([]byte(line)) != indent || addDecorator(given, line, indent) || trimmed[0] == '#' || trimmed[0] == ')':
			if trimmed != "" && indentation([]byte(line)) < indent {
				return byIndent(indent), given
			}
		case strings.HasPrefix(trimmed, "class ") || trimmed == "class":
			return catalog.FlowLevel, given
		case strings.HasPrefix(trimmed, "def") || strings.HasPrefix(trimmed, "async"):
			if indent == 0 {
				return "", given
			}
			return catalog.StepLevel, given
		default:
			return byIndent(indent), given
		}
	}
	return byIndent(indent), given
}

// byIndent guesses where nothing follows yet.
func byIndent(indent int) catalog.Level {
	if indent > 0 {
		return catalog.StepLevel
	}
	return catalog.FlowLevel
}

// addDecorator notes the decorator on a line, if there is one at this depth.
func addDecorator(given map[string]bool, line string, indent int) bool {
	if indentation([]byte(line)) != indent || !strings.HasPrefix(strings.TrimSpace(line), "@") {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimSpace(line)[1:], "(")
	name, _, _ = strings.Cut(name, "#")
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	given[strings.TrimSpace(name)] = true
	return true
}

func indentation(line []byte) int {
	return len(line) - len(bytes.TrimLeft(line, " \t"))
}

func lineStart(source []byte, offset int) int {
	return bytes.LastIndexAny(source[:offset], "\n\r") + 1
}

// nextLine is the start of the line below; an empty line between \r and \n does no harm.
func nextLine(source []byte, offset int) int {
	i := bytes.IndexAny(source[offset:], "\n\r")
	if i < 0 {
		return len(source)
	}
	return offset + i + 1
}

func lineText(source []byte, start int) string {
	line := source[start:]
	if i := bytes.IndexAny(line, "\n\r"); i >= 0 {
		line = line[:i]
	}
	return string(line)
}
