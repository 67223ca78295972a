package catalog

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"
)

//go:embed packages.txt
var packageTable string

// Packages knows which distribution provides a module, and what it brings.
type Packages struct {
	provider map[string]string   // distribution by top-level module
	brings   map[string][]string // distributions by distribution
	others   map[string]string   // distribution by other name
}

// KnownPackages reads the table at the first call.
var KnownPackages = sync.OnceValue(func() *Packages {
	p := &Packages{provider: map[string]string{}, brings: map[string][]string{}, others: map[string]string{}}
	for line := range strings.Lines(packageTable) {
		fields := strings.Split(line, "|")
		if strings.HasPrefix(line, "#") || len(fields) != 4 {
			continue
		}
		name := strings.TrimSpace(fields[0])
		p.brings[name] = strings.Fields(fields[2])
		for _, module := range strings.Fields(fields[1]) {
			p.provider[module] = name
		}
		for _, other := range strings.Fields(fields[3]) {
			p.others[other] = name
		}
	}
	return p
})

// Provider is the distribution to install for a top-level module, "" if unknown.
func (p *Packages) Provider(module string) string { return p.provider[module] }

// Renamed reports whether a distribution has other names, in conda or beside it.
func (p *Packages) Renamed(name string) bool {
	for _, known := range p.others {
		if known == name {
			return true
		}
	}
	return false
}

var separators = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[-_.]+`) })

// Bring reports whether an environment with the listed distributions may have
// the wanted one. One that is not known, or asks for extras, may bring anything.
func (p *Packages) Bring(listed []string, wanted string) bool {
	seen := map[string]bool{}
	var reach func(name string) bool
	reach = func(name string) bool {
		if name == wanted {
			return true
		}
		if seen[name] {
			return false
		}
		seen[name] = true
		for _, next := range p.brings[name] {
			if reach(next) {
				return true
			}
		}
		return false
	}
	for _, name := range listed {
		if _, inChannel, ok := strings.Cut(name, "::"); ok { // conda-forge::pandas
			name = inChannel
		}
		name = separators().ReplaceAllString(strings.ToLower(strings.TrimSpace(name)), "-")
		if other := p.others[name]; other != "" {
			name = other
		}
		if _, known := p.brings[name]; !known || reach(name) {
			return true
		}
	}
	return false
}
