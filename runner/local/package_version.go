package local

import (
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

var nameSeparators = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[-_.]+`) })

// PackageVersion is the version of a distribution in a virtual or conda
// environment, from its folders alone; "" if that is not sure. name is in PyPI's
// normal form. What follows a `+` no index knows: it says how it was built.
func PackageVersion(interpreter, name string) string {
	prefix := filepath.Dir(filepath.Dir(interpreter))
	found, err := filepath.Glob(filepath.Join(escapePattern(prefix), "lib", "python3*", "site-packages", "*.dist-info"))
	if err != nil {
		return ""
	}
	version := ""
	for _, path := range found {
		written, v, ok := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".dist-info"), "-")
		if !ok || nameSeparators().ReplaceAllString(strings.ToLower(written), "-") != name {
			continue
		}
		v, _, _ = strings.Cut(v, "+")
		if version != "" && version != v {
			return ""
		}
		version = v
	}
	return version
}
