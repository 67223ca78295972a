package flow

import "strings"

// nearlyFlowSpec reports whether a full name is that of metaflow.FlowSpec, misspelt: what
// derives from it is a flow still. With something before or behind it, it is a name
// of its own, such as an extension may bring.
func nearlyFlowSpec(full string) bool {
	const want = "flowspec"
	name, ours := strings.CutPrefix(full, "metaflow.")
	if !ours || name == "" || name[0] != 'F' {
		return false
	}
	name = strings.ToLower(name)
	if full == "metaflow.FlowSpec" || name != want && (strings.HasPrefix(name, want) || strings.HasSuffix(name, want)) {
		return false
	}
	from, to := 0, 0 // what both begin and end with
	for from < min(len(name), len(want)) && name[from] == want[from] {
		from++
	}
	for to < min(len(name), len(want))-from && name[len(name)-1-to] == want[len(want)-1-to] {
		to++
	}
	wrong, right := name[from:len(name)-to], want[from:len(want)-to]
	return max(len(wrong), len(right)) <= 1 || len(wrong) == 2 && len(right) == 2 && wrong[0] == right[1] && wrong[1] == right[0]
}
