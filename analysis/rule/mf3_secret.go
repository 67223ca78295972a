package rule

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"flowls/analysis/flow"
)

// secretName is the name of a variable that holds a secret itself, not where
// to find it.
var secretName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(^|_)(PASSWORD|PASSWD|TOKEN|SECRET|SECRET_KEY|SECRET_ACCESS_KEY|API_KEY|APIKEY|PRIVATE_KEY)$`)
})

// placeholder is a value that stands for one to come, or says where it is.
var placeholder = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(x+|\*+|\.+|-+|none|null|true|false|\d{1,3}|dummy|fake|test|example|secret|token|password|changeme|change[-_ ]me|todo|tbd|your[-_ ].*|my[-_ ].*|replace.*|<.*>|\{.*\}|.*\$.*|%.*%|[./~].*|[a-z][a-z0-9+.-]*:.*)$`)
})

// plainSecrets finds secrets in @environment(vars={…}).
func (c *checker) plainSecrets(list []applied) {
	for _, a := range list {
		vars, ok := a.arg("vars")
		if !a.is("environment") || !ok || vars.Value.Kind != flow.Dict {
			continue
		}
		for i, key := range vars.Value.Keys {
			value := vars.Value.Items[i]
			if key.Kind != flow.String || value.Kind != flow.String || !secretName().MatchString(key.Text) {
				continue
			}
			if s := strings.TrimSpace(value.Text); len(s) < 4 || placeholder().MatchString(s) || strings.EqualFold(s, key.Text) {
				continue
			}
			c.at(plainTextSecret, a, value.Span, fmt.Sprintf("The value of `%s` is in the source, and in every copy of the code that Metaflow stores; read it with `@secrets`, or from the environment.", key.Text))
		}
	}
}
