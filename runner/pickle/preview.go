package pickle

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Preview is a value in at most max bytes, for showing beside the code: the
// repr of small values, the count of items of larger ones. It reports false
// where only the class is known and the type says more.
func Preview(v Value, max int) (string, bool) {
	if !showable(v) {
		return "", false
	}
	text, complete := Repr(v, max)
	if complete {
		return text, true
	}
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%s… (%d characters)", cutRunes(text, min(len(text), max/2)), utf8.RuneCountInString(v)), true
	case Bytes:
		return fmt.Sprintf("%d bytes", len(v)), true
	case *ByteArray:
		return fmt.Sprintf("%d bytes", len(v.Data)), true
	case *Chunk:
		if v.Text {
			return fmt.Sprintf("%s… (%d bytes of text)", cutRunes(text, min(len(text), max/2)), v.Size), true
		}
		return fmt.Sprintf("%d bytes", v.Size), true
	case *List:
		return fmt.Sprintf("[%s]", items(len(v.Items)+v.More)), true
	case *Tuple:
		return fmt.Sprintf("(%s)", items(len(v.Items)+v.More)), true
	case *Set:
		return fmt.Sprintf("{%s}", items(len(v.Items)+v.More)), true
	case *Dict:
		return fmt.Sprintf("{%s}", items(len(v.unique())+v.More)), true
	case *Object:
		if n := len(v.Items) + len(v.Entries) + v.More; n > 0 {
			return fmt.Sprintf("%s with %s", className(v), items(n)), true
		}
	}
	return strings.TrimSpace(cutRunes(text, min(len(text), max-3))) + "…", true
}

func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", n)
}

// showable: an object without a literal form is not worth a preview by itself;
// inside a container its class name is.
func showable(v Value) bool {
	o, ok := v.(*Object)
	if !ok {
		_, global := v.(*Global)
		return !global
	}
	text, _ := Repr(o, 256)
	return !strings.HasPrefix(text, "<")
}
