package rule

import (
	"slices"

	"flowls/analysis/flow"
)

// Values of @kubernetes that no check looks at: the Kubernetes library gets
// them when the job is made.

var (
	tolerationKeys      = []string{"effect", "key", "operator", "toleration_seconds", "value"}
	securityContextKeys = []string{
		"allow_privilege_escalation", "app_armor_profile", "capabilities", "privileged", "proc_mount", "read_only_root_filesystem",
		"run_as_group", "run_as_non_root", "run_as_user", "se_linux_options", "seccomp_profile", "windows_options",
	}
)

func tolerations(v flow.Value, _ context) *problem {
	if is, known := truth(v); known && !is {
		return nil
	}
	switch kindOf(v) {
	case "":
		return nil
	case "list", "tuple":
	default:
		return &problem{text: wrongKind(v, "a list of dictionaries")}
	}
	for _, item := range v.Items {
		if p := mapping(item, " with `key`, `operator`, `value` and `effect`"); p != nil {
			return p
		}
		if p := knownKeys(item, "a toleration", tolerationKeys); p != nil {
			return p
		}
	}
	return nil
}

func securityContext(v flow.Value, _ context) *problem {
	if p := dictOrNothing(v, context{}); p != nil {
		return p
	}
	return knownKeys(v, "a security context", securityContextKeys)
}

// knownKeys finds keys that the constructor of a Kubernetes object does not take.
func knownKeys(v flow.Value, what string, known []string) *problem {
	if v.Kind != flow.Dict {
		return nil
	}
	for _, key := range v.Keys {
		if key.Kind != flow.String || slices.Contains(known, key.Text) {
			continue
		}
		if near := nearest(key.Text, known); near != "" {
			return say("has the key %s, which %s does not; use `%s`.", shown(key), what, near)
		}
		return say("has the key %s, which %s does not; use %s.", shown(key), what, quote(known))
	}
	return nil
}

func volumeClaims(v flow.Value, _ context) *problem {
	if p := dictOrNone(v, context{}); p != nil || v.Kind != flow.Dict {
		return p
	}
	for _, path := range v.Items {
		if kind := kindOf(path); kind != "" && kind != "str" {
			return say("has %s; the value is the path where the claim is mounted, as a string.", shown(path))
		}
	}
	return nil
}
