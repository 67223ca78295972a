package preview

import (
	"fmt"
	"strings"

	"flowls/runner/pickle"
)

// describeModel knows estimators of scikit-learn and of those that imitate it,
// and the modules of torch.
func describeModel(o *pickle.Object, g *pickle.Global, depth int) *Description {
	state := fields(o)
	named := map[string]pickle.Value{}
	for _, e := range state {
		named[e.Key.(string)] = e.Value
	}
	if modules, ok := named["_modules"]; ok && named["_parameters"] != nil {
		return describeModule(o, g, modules, named["_parameters"], depth)
	}
	_, version := named["_sklearn_version"]
	if !version && !strings.HasPrefix(g.Module, "sklearn.") && g.Module != "lightgbm.sklearn" && g.Module != "xgboost.sklearn" {
		return nil
	}
	if len(state) == 0 {
		return nil
	}
	d := &Description{Kind: Model, Type: o.ClassName()}
	fitted := false
	var parameters []pickle.Entry
	for _, e := range state {
		name := e.Key.(string)
		switch {
		case strings.HasSuffix(name, "_") && !strings.HasPrefix(name, "_"), name == "_Booster" && e.Value != nil:
			fitted = true
		case strings.HasPrefix(name, "_") || strings.HasSuffix(name, "_"):
		default:
			parameters = append(parameters, e)
		}
	}
	d.arguments(g.Name, parameters, depth)
	d.Summary = g.Name
	if steps, ok := named["steps"].(*pickle.List); ok {
		d.Parts, d.More = nil, 0
		var names []string
		for _, item := range steps.Items[:min(len(steps.Items), maxParts)] {
			pair, ok := item.(*pickle.Tuple)
			if !ok || len(pair.Items) != 2 {
				continue
			}
			names = append(names, key(pair.Items[0]))
			if depth < maxDepth {
				d.add(key(pair.Items[0]), pair.Items[1], depth)
			}
		}
		d.Summary = oneLine(g.Name+": "+strings.Join(names, " → "), maxLine)
		return d
	}
	switch n, _ := pickle.Number(named["n_features_in_"]); {
	case n != nil:
		n, _ := n.(int64)
		d.Summary += ", fitted on " + count(n, "feature")
	case fitted:
		d.Summary += ", fitted"
	default:
		d.Summary += ", not fitted"
	}
	return d
}

// describeModule tells what a module of torch is made of.
func describeModule(o *pickle.Object, g *pickle.Global, modules, parameters pickle.Value, depth int) *Description {
	d := &Description{Kind: Model, Type: o.ClassName(), Summary: g.Name}
	for _, group := range []pickle.Value{modules, parameters} {
		for _, e := range entriesOf(group) {
			if e.Value == nil {
				continue
			}
			if len(d.Parts) == maxParts {
				d.More++
				continue
			}
			if depth < maxDepth {
				d.add(key(e.Key), e.Value, depth)
			}
		}
	}
	if n := len(d.Parts) + int(d.More); n > 0 {
		d.Summary = fmt.Sprintf("%s with %s", g.Name, count(int64(n), "part"))
	}
	return d
}

// entriesOf are those of a dict or an OrderedDict.
func entriesOf(v pickle.Value) []pickle.Entry {
	switch v := v.(type) {
	case *pickle.Dict:
		return v.Entries
	case *pickle.Object:
		return v.Entries
	}
	return nil
}
