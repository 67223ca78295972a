package podtrouble

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/runner/preflight"
)

// quotaAnswer is what a cluster says of a quota that has no room for a pod.
type quotaAnswer struct {
	name string
	left map[string]preflight.Amount // by its keys: requests.memory
}

var quotaSays = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("^the quota `([^`]+)` of the namespace does not allow it: it asks for (\\S+), (\\S+) is used, (\\S+) is allowed$")
})

// overQuota reads it, nil if the message is about something else.
func overQuota(message string) *quotaAnswer {
	m := quotaSays().FindStringSubmatch(message)
	if m == nil {
		return nil
	}
	q := &quotaAnswer{m[1], map[string]preflight.Amount{}}
	used := quotaAmounts(m[3])
	for key, allowed := range quotaAmounts(m[4]) {
		q.left[key] = max(allowed-used[key], 0)
	}
	return q
}

func quotaAmounts(list string) map[string]preflight.Amount {
	all := map[string]preflight.Amount{}
	for item := range strings.SplitSeq(list, ",") {
		key, written, _ := strings.Cut(item, "=")
		if amount, ok := preflight.ParseAmount(written); ok {
			all[key] = amount
		}
	}
	return all
}

// fixes have the step ask for what the quota leaves.
func (q *quotaAnswer) fixes(src *text.Text, f *Fit) []rule.Fix {
	if f == nil {
		return nil
	}
	instead, words := map[string]string{}, []string{}
	for _, l := range preflight.Within(&f.Step.Request, q.left) {
		instead[l.Argument] = l.Instead
		words = append(words, l.Text)
	}
	if len(instead) == 0 {
		return nil
	}
	return changes(src, fmt.Sprintf("Ask for %s, which the quota `%s` leaves", strings.Join(words, " and "), q.name), f.Step.Lower(instead))
}

// advice says where room may come from.
func (q *quotaAnswer) advice(namespace string) string {
	var gone []string
	for _, key := range slices.Sorted(maps.Keys(q.left)) {
		if q.left[key] == 0 {
			gone = append(gone, "`"+key+"`")
		}
	}
	if len(gone) == 0 {
		return "Ask for less, or launch into another namespace (`namespace=`)."
	}
	in := "the namespace"
	if namespace != "" {
		in += " `" + namespace + "`"
	}
	return fmt.Sprintf("Nothing is left of %s: wait until what runs in %s has ended or stop it, or launch into another one (`namespace=`).", strings.Join(gone, " and "), in)
}
