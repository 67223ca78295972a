package server

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/flow"
	"flowls/runner/preflight"

	"go.lsp.dev/protocol"
)

// clusterNames completes a text in an argument of @kubernetes with what the
// cluster has, as far as that is known by now: nothing is asked for it. It
// reports whether the text is one of those.
func (c *completer) clusterNames() bool {
	if !c.inString || len(c.calls) == 0 || !c.calls[0].decorator {
		return false
	}
	call := c.calls[0]
	if d, ok := c.called(call.callee); !ok || d.Name != "kubernetes" {
		return false
	}
	names, ok := c.namesFor(call.keyword, c.calls[1:])
	if !ok {
		return false
	}
	for i, name := range names.all {
		c.add(100+min(i, 800), names.start, protocol.CompletionItem{
			Label: name, Kind: protocol.CompletionItemKindValue, Detail: protocol.NewOptional(names.what),
		}, name)
	}
	return true
}

// namesOf are what may stand in a text, which they replace from start on.
type namesOf struct {
	what  string
	all   []string
	start int
}

// namesFor are the names for an argument; inner are the brackets inside of it.
func (c *completer) namesFor(argument string, inner []bracket) (namesOf, bool) {
	have := c.inventory()
	in := have.In[c.kubernetesNamespace()]
	names := namesOf{start: c.start}
	shape := ""
	for _, b := range inner {
		shape += string(b.kind)
	}
	isValue := len(inner) > 0 && inner[len(inner)-1].afterColon
	switch {
	case argument == "namespace" && shape == "":
		names.what, names.all = "namespace", have.Namespaces
	case argument == "service_account" && shape == "":
		names.what, names.all = "service account", in.Accounts
	case argument == "secrets" && (shape == "" || shape == "["):
		names.what, names.all = "secret", in.Secrets
	case argument == "image_pull_secrets" && shape == "[":
		names.what, names.all = "secret", in.Secrets
	case argument == "gpu_vendor" && shape == "":
		names.what, names.all = "vendor", gpuVendors(have)
	case argument == "persistent_volume_claims" && shape == "{" && !isValue:
		names.what, names.all = "persistent volume claim", in.Claims
	case argument == "extended_resources" && shape == "{" && !isValue:
		names.what, names.all = "resource of a node", devices(have)
	case argument == "node_selector" && shape == "{" && isValue:
		names.what, names.all = "value of the label", labelValues(have, c.keyBefore())
	case argument == "node_selector" && shape == "{":
		names.what, names.all = "label of a node", labelKeys(have)
	case argument == "node_selector" && shape == "":
		c.selectorText(have, &names)
	case argument == "tolerations" && shape == "[{":
		names.what, names.all = "toleration", tolerationTexts(have, isValue, c.keyBefore())
	default:
		return names, false
	}
	return names, true
}

// inventory is what is known of the cluster of the settings, maybe nothing.
func (c *completer) inventory() *preflight.Inventory {
	if view := c.server.kubePreflight.cluster(accessOf(c.view.snapshot.Settings)); view != nil {
		return view.inventory
	}
	return &preflight.Inventory{}
}

var namespacePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bnamespace\s*=\s*["']([^"'\n]+)["']`) })

// kubernetesNamespace is the one of the decorator around the cursor: as written
// before it, where half-typed code may be all that there is, or behind it.
func (c *completer) kubernetesNamespace() string {
	if m := namespacePattern().FindSubmatch(c.view.doc.Text.Bytes()[c.begin:c.start]); m != nil {
		return string(m[1])
	}
	if at, ok := c.view.decoratorAt(c.offset); ok {
		for _, a := range at.decorator.Args {
			if a.Name == "namespace" && a.Value.Kind == flow.String && a.Value.Text != "" {
				return a.Value.Text
			}
		}
	}
	if name := c.server.kubePreflight.settingsOf(workingFolder(c.view), "").Text("METAFLOW_KUBERNETES_NAMESPACE"); name != "" {
		return name
	}
	return "default"
}

var keyPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`["']([^"'\n]*)["']\s*:\s*["']{1,3}$`) })

// keyBefore is the key of the dictionary whose value the cursor is in.
func (c *completer) keyBefore() string {
	before := c.view.doc.Text.Bytes()[c.begin:c.start]
	if m := keyPattern().FindSubmatch(before); m != nil {
		return string(m[1])
	}
	return ""
}

// selectorText completes `key=value,key=value`.
func (c *completer) selectorText(have *preflight.Inventory, names *namesOf) {
	part := c.partial[strings.LastIndexByte(c.partial, ',')+1:]
	key, value, isValue := strings.Cut(part, "=")
	if isValue {
		names.what, names.all, names.start = "value of the label", labelValues(have, key), c.offset-len(value)
		return
	}
	names.what, names.all, names.start = "label of a node", labelKeys(have), c.offset-len(part)
}

func labelKeys(have *preflight.Inventory) []string {
	return collect(have, func(n *preflight.Node, add func(string)) {
		for key := range n.Labels {
			add(key)
		}
	})
}

func labelValues(have *preflight.Inventory, key string) []string {
	return collect(have, func(n *preflight.Node, add func(string)) {
		if v, ok := n.Labels[key]; ok {
			add(v)
		}
	})
}

func devices(have *preflight.Inventory) []string {
	return collect(have, func(n *preflight.Node, add func(string)) {
		for name := range n.Free {
			if strings.Contains(name, "/") {
				add(name)
			}
		}
	})
}

// gpuVendors are those that Metaflow knows; the ones of the cluster, if there are any.
func gpuVendors(have *preflight.Inventory) []string {
	known := []string{"nvidia", "amd"}
	there := slices.DeleteFunc(slices.Clone(known), func(vendor string) bool { return !slices.Contains(devices(have), vendor+".com/gpu") })
	if len(there) > 0 {
		return there
	}
	return known
}

func tolerationTexts(have *preflight.Inventory, isValue bool, key string) []string {
	if !isValue {
		return []string{"key", "operator", "value", "effect", "toleration_seconds"}
	}
	switch key {
	case "operator":
		return []string{"Exists", "Equal"}
	case "effect":
		return []string{"NoSchedule", "NoExecute", "PreferNoSchedule"}
	}
	return collect(have, func(n *preflight.Node, add func(string)) {
		for _, taint := range n.Taints {
			if key == "key" {
				add(taint.Key)
			} else if key == "value" && taint.Value != "" {
				add(taint.Value)
			}
		}
	})
}

// maxNames bounds what is offered: each node has labels of its own.
const maxNames = 500

func collect(have *preflight.Inventory, each func(*preflight.Node, func(string))) []string {
	all := map[string]bool{}
	for i := range have.Nodes {
		each(&have.Nodes[i], func(s string) { all[s] = true })
	}
	list := slices.Sorted(maps.Keys(all))
	return list[:min(len(list), maxNames)]
}
