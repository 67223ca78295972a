package podtrouble

import (
	"strings"

	"flowls/analysis/flow"
	"flowls/analysis/rule"
	"flowls/analysis/text"
	"flowls/server/stepedit"
)

// Place is the argument that asks for what cannot be had, else its decorator, else the one that sends the step
// to the cluster, else the step.
func (t Trouble) Place(s *flow.Step) text.Span {
	wanted := t.arguments()
	for _, place := range wanted {
		if d := stepedit.Decorator(s, place.decorator); d != nil {
			if a := stepedit.Argument(d, place.argument); a != nil {
				return a.Span
			}
		}
	}
	for _, place := range wanted {
		if d := stepedit.Decorator(s, place.decorator); d != nil && place.decorator != "kubernetes" {
			return d.NameSpan
		}
	}
	for _, name := range []string{"kubernetes", "resources"} {
		if d := stepedit.Decorator(s, name); d != nil {
			return d.NameSpan
		}
	}
	return s.NameSpan
}

type argumentPlace struct{ decorator, argument string }

// arguments are the arguments that may be the cause, the likeliest first.
func (t Trouble) arguments() []argumentPlace {
	resource := func(name string) []argumentPlace {
		return []argumentPlace{{"kubernetes", name}, {"resources", name}}
	}
	said := namedTaint().ReplaceAllString(strings.ToLower(t.First.Message), "by taint") // a taint may have any name
	switch t.Rule {
	case rule.PodOutOfMemory:
		return resource("memory")
	case rule.PodImage:
		return []argumentPlace{{"kubernetes", "image"}}
	case rule.PodDeadline:
		return []argumentPlace{{"timeout", "seconds"}, {"timeout", "minutes"}, {"timeout", "hours"}}
	case rule.PodConfig:
		return []argumentPlace{{"kubernetes", "secrets"}, {"kubernetes", "persistent_volume_claims"}}
	}
	var found []argumentPlace
	for _, cause := range []struct{ word, argument string }{
		{"service account", "service_account"}, {"persistent volume claim", "persistent_volume_claims"},
		{"gpu", "gpu"}, {"taint", "tolerations"}, {"labels that the node selector", "node_selector"},
		{"memory", "memory"}, {"cpu", "cpu"}, {"disk", "disk"}, {"ephemeral-storage", "disk"},
		{"quota", "namespace"},
	} {
		if strings.Contains(said, cause.word) {
			found = append(found, resource(cause.argument)...)
		}
	}
	return found
}
