// Package gitignore decides which paths of a tree Git would leave out. Globs
// are matched by doublestar; this package adds what is Git's own: order and
// negation of rules, anchoring, rules for directories only, nested files and
// .git/info/exclude.
//
// Invariant: for every path that a walk from the top reaches, the answer is
// that of `git check-ignore`; a test asks Git itself.
package gitignore

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// maxSize bounds what is read of one ignore file; Git's own limit is 100 MB,
// and no real file comes near this one.
const maxSize = 1 << 20

// rule is one line of an ignore file.
type rule struct {
	glob     string // for doublestar
	negate   bool
	dirOnly  bool
	baseName bool // the pattern has no slash: it matches the last component
}

// Rules are the lines of one ignore file, in order.
type Rules []rule

// Parse reads the lines of an ignore file.
func Parse(text string) Rules {
	var rules Rules
	text = strings.TrimPrefix(text, "\ufeff")
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if r, ok := parseLine(line); ok {
			rules = append(rules, r)
		}
	}
	return rules
}

func parseLine(line string) (rule, bool) {
	var r rule
	if strings.HasPrefix(line, "#") {
		return r, false
	}
	line = trimTrailingSpaces(line)
	if rest, ok := strings.CutPrefix(line, "!"); ok {
		r.negate, line = true, rest
	}
	if rest, ok := strings.CutSuffix(line, "/"); ok {
		r.dirOnly, line = true, rest
	}
	if line == "" {
		return r, false
	}
	rest, anchored := strings.CutPrefix(line, "/")
	r.baseName = !anchored && !strings.Contains(line, "/")
	if rest == "" {
		return r, false
	}
	// Git has no {a,b}; doublestar has.
	glob := escapeBraces(rest)
	// In Git `a/**` is what lies below a, not a itself.
	if strings.HasSuffix(glob, "/**") {
		glob += "/*"
	}
	r.glob = glob
	return r, doublestar.ValidatePattern(glob)
}

// trimTrailingSpaces drops spaces at the end unless a backslash guards them.
func trimTrailingSpaces(s string) string {
	end := len(s)
	for end > 0 && s[end-1] == ' ' {
		slashes := 0
		for i := end - 2; i >= 0 && s[i] == '\\'; i-- {
			slashes++
		}
		if slashes%2 == 1 {
			break
		}
		end--
	}
	return s[:end]
}

func escapeBraces(s string) string {
	if !strings.ContainsAny(s, "{}") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			b.WriteByte(c)
			i++
			b.WriteByte(s[i])
		case c == '{' || c == '}':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// match returns the verdict of the last rule that fits: ignored, and whether
// any rule fits. rel is slash-separated and relative to the rules' folder.
func (rules Rules) match(rel string, dir bool) (ignored, decided bool) {
	for i := len(rules) - 1; i >= 0; i-- {
		r := rules[i]
		if r.dirOnly && !dir {
			continue
		}
		name := rel
		if r.baseName {
			name = path.Base(rel)
		}
		if doublestar.MatchUnvalidated(r.glob, name) {
			return !r.negate, true
		}
	}
	return false, false
}

// Scope holds the rules that apply inside one folder: its own and those of the
// folders above, up to the top of the repository.
type Scope struct {
	parent *Scope
	dir    string // absolute
	rules  Rules
}

// Enter returns the scope of dir, a child of s's folder (or a new top when s is
// nil), with the rules of its .gitignore. An unreadable file counts as empty
// and is reported by err; the scope is usable all the same.
func (s *Scope) Enter(dir string) (*Scope, error) {
	rules, err := load(filepath.Join(dir, ".gitignore"))
	if len(rules) == 0 && s != nil {
		return s, err
	}
	return &Scope{parent: s, dir: dir, rules: rules}, err
}

// Ignored says whether the entry at the absolute path is left out. It judges
// this entry alone: a walk never enters an ignored folder, so what lies above
// has been judged before.
func (s *Scope) Ignored(abs string, dir bool) bool {
	for ; s != nil; s = s.parent {
		rel, err := filepath.Rel(s.dir, abs)
		if err != nil {
			continue
		}
		if ignored, decided := s.rules.match(filepath.ToSlash(rel), dir); decided {
			return ignored
		}
	}
	return false
}

// Above returns the scope of everything above the absolute folder dir, from the
// top of its Git repository (with .git/info/exclude) down to dir's parent, nil
// outside of a repository. If a folder on the way is itself ignored, so that
// only the user's explicit wish leads here, no rule from above holds.
func Above(dir string) *Scope {
	top := repositoryTop(dir)
	if top == "" {
		return nil
	}
	rules, _ := load(filepath.Join(gitDir(top), "info", "exclude"))
	scope := &Scope{dir: top, rules: rules}
	rel, err := filepath.Rel(top, dir)
	if err != nil || rel == "." {
		return scope
	}
	at := top
	for name := range strings.SplitSeq(filepath.ToSlash(rel), "/") {
		scope, _ = scope.Enter(at)
		at = filepath.Join(at, name)
		if scope.Ignored(at, true) {
			return nil
		}
	}
	return scope
}

func repositoryTop(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// gitDir is the folder that holds info/exclude: .git, or where a worktree's or
// submodule's .git file points to.
func gitDir(top string) string {
	git := filepath.Join(top, ".git")
	target, ok := strings.CutPrefix(firstLine(git), "gitdir: ")
	if !ok {
		return git
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(top, target)
	}
	if common := firstLine(filepath.Join(target, "commondir")); common != "" {
		if filepath.IsAbs(common) {
			return common
		}
		return filepath.Join(target, common)
	}
	return target
}

func firstLine(name string) string {
	text, err := read(name)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}

func load(name string) (Rules, error) {
	text, err := read(name)
	if os.IsNotExist(err) {
		return nil, nil
	}
	return Parse(text), err
}

// read returns a regular file's text, "" for anything else that has the name.
func read(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSize {
		return "", err
	}
	b, err := os.ReadFile(name)
	return string(b), err
}
