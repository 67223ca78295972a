package preflight

import (
	"fmt"
	"slices"

	"flowls/internal/near"
)

// Kind says what sort of obstacle a finding is.
type Kind string

// The kinds of findings.
const (
	NoNamespace   Kind = "namespace"
	NoAccount     Kind = "service account"
	NoSecret      Kind = "secret"
	NoClaim       Kind = "claim"
	NoPullSecret  Kind = "pull secret" // images that need none are pulled all the same
	TooLarge      Kind = "too large"   // for every node that is open to it
	NoNode        Kind = "no node"     // is open to it
	OverLimit     Kind = "limit range"
	OverQuota     Kind = "quota"
	Refused       Kind = "refused"    // by the API server
	NotYet        Kind = "not yet"    // no node of now, but nodes are added when they are needed
	NotPermitted  Kind = "permission" // the user lacks one
	NoDataStore   Kind = "data store"
	NoCluster     Kind = "cluster"
	NoPackage     Kind = "package"
	CannotCompare Kind = "cannot compare" // a part of the cluster that may not be read; nothing is wrong
)

// Finding is one reason why a step cannot run as things are, at the argument that
// asks for it.
type Finding struct {
	Kind Kind `json:"kind"`
	// Argument of the decorator: cpu, memory, disk, gpu, node_selector, …; empty for
	// the step or the flow as a whole.
	Argument string `json:"argument,omitempty"`
	// Value is the part of the argument that is meant: a name, a key; empty for all of it.
	Value   string `json:"value,omitempty"`
	Message string `json:"message"`
	// Instead is what would do in its place; empty where that is not clear.
	Instead string `json:"instead,omitempty"`
}

// Check tells what would keep a step from running. It finds nothing unless it is
// sure: nodes that are merely busy now will be free again.
func Check(have *Inventory, want *Request) []Finding {
	found := refused(want)
	if !want.Unknown["namespace"] {
		in := have.In[want.Namespace]
		if in.Missing {
			return append(found, noNamespace(have, want))
		}
		found = append(found, missingNames(in, want)...)
		found = append(found, overLimits(in, want)...)
	}
	if slices.ContainsFunc(found, func(f Finding) bool { return f.Kind == Refused }) {
		return found // it would not even come to a node
	}
	placed := noNode(have, want)
	if have.Grows {
		for i := range placed {
			placed[i].Kind = NotYet
			placed[i].Message += "; the cluster adds nodes, so one may come that has it"
		}
	}
	return append(found, placed...)
}

func noNamespace(have *Inventory, want *Request) Finding {
	f := Finding{
		Kind: NoNamespace, Argument: "namespace", Value: want.Namespace,
		Message: fmt.Sprintf("the cluster has no namespace `%s`%s", want.Namespace, near.DidYouMean(want.Namespace, have.Namespaces)),
	}
	f.Instead = nearest(want.Namespace, have.Namespaces)
	return f
}

func nearest(name string, names []string) string {
	if close := near.Names(name, names); len(close) > 0 {
		return close[0]
	}
	return ""
}

func missingNames(in Namespace, want *Request) []Finding {
	var found []Finding
	missing := func(kind Kind, list, wanted []string, argument, what, so string) {
		for _, name := range wanted {
			if list == nil || name == "" || slices.Contains(list, name) {
				continue
			}
			found = append(found, Finding{
				Kind: kind, Argument: argument, Value: name, Instead: nearest(name, list),
				Message: fmt.Sprintf("the namespace `%s` has no %s `%s`%s%s", want.Namespace, what, name, near.DidYouMean(name, list), so),
			})
		}
	}
	claims := sortedKeys(want.Claims)
	missing(NoAccount, in.Accounts, []string{want.ServiceAccount}, "service_account", "service account", "")
	missing(NoSecret, in.Secrets, want.Secrets, "secrets", "secret", "")
	missing(NoClaim, in.Claims, claims, "persistent_volume_claims", "persistent volume claim", "")
	missing(NoPullSecret, in.Secrets, want.PullSecrets, "image_pull_secrets", "secret", ", so images that need it cannot be pulled")
	return found
}

// Argument is the decorator's argument that asks for a resource.
func (r *Request) Argument(resource string) string {
	switch resource {
	case CPU, Memory:
		return resource
	case Disk:
		return "disk"
	case "nvidia.com/gpu", "amd.com/gpu":
		if r.From["extended_resources"] == "" || r.From["gpu"] != "" {
			return "gpu"
		}
	}
	if r.From["extended_resources"] != "" {
		return "extended_resources"
	}
	return "gpu"
}

// metaflow is an amount as the decorator's argument has it: megabytes, cores,
// pieces; rounded down. Empty for nothing.
func (a Amount) metaflow(resource string) string {
	whole := int64(a) / 1000
	switch resource {
	case CPU:
		if a <= 0 {
			return ""
		}
		return a.number()
	case Memory, Disk:
		whole /= 1e6
	}
	if whole <= 0 {
		return ""
	}
	return fmt.Sprint(whole)
}
