package prooftest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flowls/analysis/rule"
)

const (
	// Metaflow's linter ends with one of these.
	accepted = "The graph looks good!"
	refused  = "Validity checker found an issue"
	died     = "Internal error"
)

// banner is what Metaflow prints once a flow's file was executed.
var banner = regexp.MustCompile(`(?m)^Metaflow \S+ executing `)

// checkArgs is the command line that lints what args would run.
func checkArgs(args []string) []string {
	i := slices.Index(args, "run")
	return append(slices.Clone(args[:i]), "check")
}

// judgeBad lists in what the bad example did not show what its page says. The
// verdict of check is there for stage run only.
func judgeBad(p *rule.Proof, bad result, check *result) []string {
	var out []string
	expect := func(ok bool, format string, args ...any) {
		if !ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	saw := func(text string) bool { return strings.Contains(bad.Output, text) }
	expect((bad.Exit == 0) == (p.Stage == rule.Silent), "stage %s: `%s` ended with %d", p.Stage, strings.Join(p.Args, " "), bad.Exit)
	for _, text := range p.Says {
		expect(saw(text), "does not say %q", text)
	}
	switch p.Stage {
	case rule.AtImport:
		expect(!banner.MatchString(bad.Output), "the file was executed, so this is not stage import")
	case rule.AtInit:
		expect(!saw(accepted) && !saw(refused), "the linter ran, so this is not stage init")
	case rule.AtCheck:
		expect(saw(refused) || saw(died), "the linter neither refused the flow nor died")
		expect(!saw(accepted), "the linter accepted the flow")
	case rule.AtRun:
		expect(check != nil && check.Exit == 0 && strings.Contains(check.Output, accepted), "check does not accept it, so this is not stage run")
	}
	return out
}

// judgeGood lists in what the good example falls short.
func judgeGood(p *rule.Proof, good result) []string {
	var out []string
	if good.Exit != 0 {
		out = append(out, fmt.Sprintf("`%s` ended with %d", strings.Join(p.Good, " "), good.Exit))
	}
	for _, text := range p.Says {
		if strings.Contains(good.Output, text) {
			out = append(out, fmt.Sprintf("says %q as the bad one does", text))
		}
	}
	return out
}
