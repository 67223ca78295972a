package syntax

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"flowls/analysis/text"
)

var cookie = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`) })

// badEncoding is the first byte that is not UTF-8 in a file that declares no
// other encoding.
func badEncoding(src []byte) (Problem, bool) {
	if utf8.Valid(src) || declaresEncoding(src) {
		return Problem{}, false
	}
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return Problem{text.Span{Start: i, End: i + 1}, "This byte is not UTF-8. Save the file as UTF-8, or declare its encoding in the first line."}, true
		}
		i += size
	}
	return Problem{}, false
}

// declaresEncoding reports a PEP 263 comment that names another encoding than UTF-8.
func declaresEncoding(src []byte) bool {
	if bytes.HasPrefix(src, []byte("\ufeff")) {
		return false
	}
	for _, line := range bytes.SplitN(src[:min(len(src), 1000)], []byte{'\n'}, 3)[:min(2, bytes.Count(src[:min(len(src), 1000)], []byte{'\n'})+1)] {
		if m := cookie().FindSubmatch(line); m != nil {
			name := strings.ReplaceAll(strings.ToLower(string(m[1])), "_", "-")
			return name != "utf-8" && name != "utf8" && !strings.HasPrefix(name, "utf-8-")
		}
		if t := bytes.TrimSpace(line); len(t) > 0 && t[0] != '#' {
			return false
		}
	}
	return false
}
