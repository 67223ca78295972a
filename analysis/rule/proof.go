package rule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Stage names where Metaflow shows the harm of a rule's bad example.
type Stage string

const (
	AtImport Stage = "import" // the file cannot be executed, whatever the command
	AtInit   Stage = "init"   // every command fails before the linter: a decorator, an option, a parameter
	AtCheck  Stage = "check"  // the linter refuses it
	AtRun    Stage = "run"    // the linter accepts it, the run fails
	Silent   Stage = "silent" // the run ends well, and the damage is in what it prints
	AtDeploy Stage = "deploy" // the command of args fails
	Static   Stage = "static" // not to be shown on this machine; Reason says why
)

// Proof is the Proof section of a rule's page: how the real Metaflow shows what
// the rule says. A test of analysis/prooftest runs it.
type Proof struct {
	Stage Stage
	// Args is the command line of the bad example, after the file's name.
	Args []string
	// Good is the command line that the good example must survive.
	Good []string
	// Says are texts that the bad example prints and the good one does not.
	// Metaflow deletes every asterisk from its output, and so does a proof.
	Says   []string
	Reason string // why there is nothing to run, for Static
	// RandomHashes: strings hash differently in every process, as they do unless
	// PYTHONHASHSEED is set. Proofs that do not need it are the same each time.
	RandomHashes bool
}

// Proof reads the Proof section of the rule's page.
func (r *Rule) Proof() (*Proof, error) {
	readDocs()
	return parseProof(r.proof)
}

// parseProof reads lines of the form `key: value`.
func parseProof(section string) (*Proof, error) {
	p := &Proof{}
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if value == "" {
			return nil, fmt.Errorf("the line %q has not the form `key: value`", line)
		}
		switch key {
		case "stage":
			p.Stage = Stage(value)
		case "args":
			p.Args = strings.Fields(value)
		case "good":
			p.Good = strings.Fields(value)
		case "says":
			p.Says = append(p.Says, strings.ReplaceAll(value, "*", ""))
		case "reason":
			p.Reason = value
		case "hashes":
			if p.RandomHashes = value == "random"; !p.RandomHashes {
				return nil, fmt.Errorf("hashes: %s is not random", value)
			}
		default:
			return nil, fmt.Errorf("unknown key %q: use stage, args, good, says, reason or hashes", key)
		}
	}
	return p, p.complete()
}

// complete fills in the defaults, or says what is missing.
func (p *Proof) complete() error {
	switch p.Stage {
	case AtImport, AtInit, AtCheck:
		p.Args = orElse(p.Args, "check")
	case AtRun, Silent:
		p.Args = orElse(p.Args, "run")
		if !slices.Contains(p.Args, "run") {
			return fmt.Errorf("stage %s needs `run` in args", p.Stage)
		}
	case AtDeploy:
		if len(p.Args) == 0 {
			return errors.New("stage deploy needs args: the command that fails")
		}
	case Static:
		if p.Reason == "" {
			return errors.New("stage static needs reason: why nothing can be run")
		}
		if len(p.Args) > 0 || len(p.Says) > 0 {
			return errors.New("stage static runs nothing: args and says have no meaning")
		}
	case "":
		return errors.New("no stage: write one of import, init, check, run, silent, deploy, static")
	default:
		return fmt.Errorf("unknown stage %q", p.Stage)
	}
	if p.Stage != Static && len(p.Says) == 0 {
		return errors.New("no says: name a text that only the bad example prints")
	}
	if len(p.Good) > 0 && (p.Stage == AtImport || p.Stage == AtCheck || p.Stage == AtRun || p.Stage == Silent) {
		return fmt.Errorf("stage %s: the good example is always run, good has no meaning", p.Stage)
	}
	p.Good = orElse(p.Good, "run")
	return nil
}

func orElse(args []string, command string) []string {
	if len(args) == 0 {
		return []string{command}
	}
	return args
}

// Code is the first Python block of a page's section, "" if it has none.
func Code(section string) string {
	_, code, opened := strings.Cut(section, "```python\n")
	code, _, closed := strings.Cut(code, "```")
	if !opened || !closed {
		return ""
	}
	return code
}
