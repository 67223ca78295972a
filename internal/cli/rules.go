package cli

import (
	"flowls/internal/near"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"flowls/analysis/rule"

	"github.com/spf13/cobra"
)

// ruleReport is one rule in `flowls rules --format json`.
type ruleReport struct {
	Code          string `json:"code"`
	Name          string `json:"name"`
	Severity      string `json:"severity"`
	Summary       string `json:"summary"`
	MetaflowCheck string `json:"metaflow_check,omitempty"`
}

func rulesCommand(s Streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules",
		Args:  exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			switch format {
			case "text":
				return rulesText(s.Out)
			case "json":
				return rulesJSON(s.Out)
			case "markdown":
				_, err := io.WriteString(s.Out, rulesMarkdown())
				return err
			}
			return oneOf("format", format, "text", "json", "markdown")
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output: text, json or markdown")
	return cmd
}

func rulesText(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rule.All() {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", r.Code, severityName(r.Severity), r.Name, r.Summary)
	}
	return tw.Flush()
}

func rulesJSON(w io.Writer) error {
	all := []ruleReport{}
	for _, r := range rule.All() {
		all = append(all, ruleReport{r.Code, r.Name, severityName(r.Severity), r.Summary, r.MetaflowCheck})
	}
	if err := encode(w, map[string]any{"version": 1, "rules": all}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func rulesMarkdown() string {
	var b strings.Builder
	b.WriteString("| code | name | severity | what it finds |\n|---|---|---|---|\n")
	for _, r := range rule.All() {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s |\n", r.Code, r.Code, r.Name, severityName(r.Severity), strings.ReplaceAll(r.Summary, "|", "\\|"))
	}
	return b.String()
}

func explainCommand(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:     "explain CODE",
		Short:   "Explain a rule, with a bad and a good example",
		Example: "  flowls explain MF107\n  flowls explain unknown-step",
		Args:    exactly(1, "one code or rule name"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return rule.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			for _, r := range rule.All() {
				if strings.EqualFold(args[0], r.Code) || strings.EqualFold(args[0], r.Name) {
					_, err := io.WriteString(s.Out, ruleMarkdown(r))
					return err
				}
			}
			return usageError{fmt.Errorf("no rule has the code or name %q%s", args[0], near.DidYouMean(args[0], rule.Names()))}
		},
	}
}

// ruleMarkdown is a rule's page, in `flowls explain` and docs/rules.
func ruleMarkdown(r *rule.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s\n\n%s\n\n", r.Code, r.Name, r.Summary)
	fmt.Fprintf(&b, "Severity: %s.", severityName(r.Severity))
	if r.MetaflowCheck != "" {
		fmt.Fprintf(&b, " Metaflow's own check: `%s`.", r.MetaflowCheck)
	}
	b.WriteString("\n")
	section := func(title, body string, code bool) {
		body = strings.Trim(body, "\n")
		if body == "" {
			return
		}
		if code && !strings.HasPrefix(body, "```") {
			body = "```python\n" + body + "\n```"
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", title, body)
	}
	section("Why", r.Why, false)
	section("Bad", r.Bad, true)
	section("Good", r.Good, true)
	section("How to repair", r.Fix, false)
	return b.String()
}

// RulePages are the files of docs/rules by name.
func RulePages() map[string]string {
	pages := map[string]string{"README.md": "# Rules\n\nGenerated from the rules themselves; `flowls explain CODE` prints the same pages.\n\n" + rulesMarkdown()}
	for _, r := range rule.All() {
		pages[r.Code+".md"] = ruleMarkdown(r)
	}
	return pages
}
