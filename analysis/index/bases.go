package index

import (
	"path/filepath"
	"slices"
	"strings"
)

// place is a class statement of the workspace.
type place struct{ path, class string }

// subclassed finds the classes that classes of other files build on. Where
// imports do not lead straight to a class, through a package that passes it on
// or a path that is set when it runs, each class of the name counts: of a class
// that is wrongly left alone only findings are missing.
func subclassed(files map[string]Summary) map[place]bool {
	wanted, renamed := map[string][]string{}, map[string][]string{} // paths of the classes and old names, by name
	for _, s := range files {
		for _, h := range s.Heirs {
			wanted[h.Name] = nil
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	for _, s := range files {
		for _, r := range s.Renames {
			if _, asked := wanted[r.New]; asked {
				renamed[r.New] = append(renamed[r.New], r.Old)
				if _, known := wanted[r.Old]; !known {
					wanted[r.Old] = nil
				}
			}
		}
	}
	for path, s := range files {
		for _, c := range s.Classes {
			if paths, asked := wanted[c]; asked && !slices.Contains(paths, path) {
				wanted[c] = append(paths, path)
			}
		}
	}
	found := newBases(wanted)
	for path, s := range files {
		for _, h := range s.Heirs {
			if found.straight(path, h) {
				continue
			}
			found.mark("", h.Name, path, wanted[h.Name])
			for _, name := range renamed[h.Name] {
				found.mark("", name, path, wanted[name])
			}
		}
	}
	return found.places
}

// bases collects the classes that others build on. Many files may ask for the same
// name: what it leads to is gone through once, and once more for a second file, as no file
// counts for itself.
type bases struct {
	places map[place]bool
	// modules are the files that define a class, by its name and each end of their path.
	modules map[[2]string][]string
	asked   map[[2]string]string // who asked first; "" once there were two
}

func newBases(wanted map[string][]string) *bases {
	b := &bases{places: map[place]bool{}, modules: map[[2]string][]string{}, asked: map[[2]string]string{}}
	for name, paths := range wanted {
		for _, path := range paths {
			module := strings.TrimPrefix(moduleOf(path), "/")
			whole := [2]string{name, "/" + module}
			b.modules[whole] = append(b.modules[whole], path)
			for end := module; ; {
				b.modules[[2]string{name, end}] = append(b.modules[[2]string{name, end}], path)
				_, rest, more := strings.Cut(end, "/")
				if !more {
					break
				}
				end = rest
			}
		}
	}
	return b
}

// straight marks the classes to which an import of a file leads by itself, and
// reports whether there are any.
func (b *bases) straight(path string, h Heir) bool {
	rest := strings.TrimLeft(h.Module, ".")
	level := len(h.Module) - len(rest)
	module := strings.ReplaceAll(rest, ".", "/")
	if level > 0 {
		dir := filepath.ToSlash(filepath.Dir(path))
		for range level - 1 {
			dir = filepath.ToSlash(filepath.Dir(dir))
		}
		module = "/" + strings.Trim(dir+"/"+module, "/")
	}
	if module == "" {
		return false
	}
	list := b.modules[[2]string{h.Name, module}]
	b.mark(module, h.Name, path, list)
	return len(list) > 1 || len(list) == 1 && list[0] != path
}

// mark marks the class of a name in each of the files but the one that asks.
func (b *bases) mark(module, name, path string, list []string) {
	key := [2]string{module, name}
	first, known := b.asked[key]
	switch {
	case known && (first == "" || first == path):
		return
	case known:
		b.asked[key] = ""
	default:
		b.asked[key] = path
	}
	for _, at := range list {
		if at != path {
			b.places[place{at, name}] = true
		}
	}
}

// moduleOf is the path of a module as imports count it.
func moduleOf(path string) string {
	return strings.TrimSuffix(strings.TrimSuffix(filepath.ToSlash(path), ".py"), "/__init__")
}
