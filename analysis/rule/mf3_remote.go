package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flowls/analysis/flow"
)

// kubernetesChecks are what @kubernetes checks when a command starts, and what
// it hands to the Kubernetes library as it is.
var kubernetesChecks = map[string]valueCheck{
	"cpu":                      {invalidRemoteValue, larger},
	"memory":                   {invalidRemoteValue, larger},
	"disk":                     {invalidRemoteValue, diskSize},
	"gpu":                      {invalidRemoteValue, gpuCount},
	"gpu_vendor":               {invalidRemoteValue, gpuVendor},
	"qos":                      {invalidRemoteValue, qosClass},
	"tmpfs_size":               {invalidRemoteValue, tmpfsSize},
	"shared_memory":            {invalidRemoteValue, sharedMemory},
	"labels":                   {invalidRemoteValue, labels},
	"annotations":              {invalidRemoteValue, dictOrNone},
	"node_selector":            {invalidRemoteValue, nodeSelector},
	"image":                    {invalidRemoteValue, imageName},
	"tolerations":              {invalidKubernetesObject, tolerations},
	"security_context":         {invalidKubernetesObject, securityContext},
	"persistent_volume_claims": {invalidKubernetesObject, volumeClaims},
	"extended_resources":       {invalidKubernetesObject, dictOrNothing},
}

// batchChecks are what @batch checks when a command starts.
var batchChecks = map[string]valueCheck{
	"image":          {invalidRemoteValue, imageName},
	"tmpfs_path":     {invalidRemoteValue, absolutePath},
	"aws_batch_tags": {invalidRemoteValue, batchTags},
}

// larger judges cpu and memory. @resources on the same step takes part, if only
// with its defaults: the larger value counts.
func larger(v flow.Value, x context) *problem {
	if _, ok := x.beside("resources"); ok {
		if v.Kind == flow.None || !asFloat(v).bad {
			return nil
		}
	}
	return positive(v, x)
}

// diskSize: of @resources only a given disk takes part.
func diskSize(v flow.Value, x context) *problem {
	if overridden("disk", x) {
		return larger(v, x)
	}
	return positive(v, x)
}

func positive(v flow.Value, _ context) *problem {
	if v.Kind == flow.Bytes {
		return &problem{text: wrongKind(v, "a number")}
	}
	switch n := asFloat(v); {
	case n.bad && v.Kind == flow.String:
		return say("is %s, which is no number; give it without a unit.", shown(v))
	case n.bad:
		return &problem{text: wrongKind(v, "a number above 0")}
	case n.known && !(n.value > 0):
		return say("is %s; it must be above 0.", shown(v))
	}
	return nil
}

// overridden: @resources on the same step sets the argument, or may do so.
func overridden(name string, x context) bool {
	r, ok := x.beside("resources")
	if !ok {
		return false
	}
	arg, given := r.arg(name)
	return !r.whole() || given && arg.Value.Kind != flow.None
}

func gpuCount(v flow.Value, x context) *problem {
	if v.Kind == flow.None || overridden("gpu", x) {
		return nil
	}
	if v.Kind == flow.Float {
		n := asFloat(v)
		if whole := asInt(v); n.known && whole.value == n.value {
			return &problem{fmt.Sprintf("is a float; use the whole number `%.0f`.", n.value), fmt.Sprintf("%.0f", n.value)}
		}
		return say("is %s; a task gets whole GPUs.", shown(v))
	}
	n := asFloat(v)
	if n.bad || v.Kind == flow.Bytes {
		return &problem{text: wrongKind(v, "a whole number")}
	}
	if n.known && n.value != float64(int64(n.value)) {
		return say("is %s; a task gets whole GPUs.", shown(v))
	}
	return nil
}

func oneOf(v flow.Value, what string, names ...string) *problem {
	if kind := kindOf(v); kind != "" && kind != "str" {
		return &problem{text: wrongKind(v, quote(names))}
	}
	if v.Kind != flow.String || slices.Contains(names, strings.ToLower(v.Text)) {
		return nil
	}
	found := say("is %s, which is no %s; use `%s`.", shown(v), what, strings.Join(names, "` or `"))
	if near := nearest(v.Text, names); near != "" {
		found.fixed = `"` + near + `"`
	}
	return found
}

func gpuVendor(v flow.Value, _ context) *problem {
	if is, known := truth(v); known && !is {
		return nil // the configured one
	}
	return oneOf(v, "vendor that Metaflow supports", "nvidia", "amd")
}

func qosClass(v flow.Value, _ context) *problem {
	if v.Kind == flow.None {
		return nil
	}
	return oneOf(v, "QoS class that Metaflow supports", "guaranteed", "burstable")
}

func tmpfsSize(v flow.Value, _ context) *problem {
	if is, known := truth(v); known && !is {
		return nil
	}
	switch n := asInt(v); {
	case n.bad, v.Kind == flow.Float, v.Kind == flow.Bytes:
		return &problem{text: wrongKind(v, "a whole number of MiB")}
	case n.known && n.value <= 0:
		return say("is %s; it must be above 0.", shown(v))
	}
	return nil
}

// sharedMemory must be an int, not a string.
func sharedMemory(v flow.Value, x context) *problem {
	if is, known := truth(v); known && !is || overridden("shared_memory", x) {
		return nil
	}
	switch n := asInt(v); {
	case v.Kind == flow.String && n.known && n.value > 0:
		return &problem{fmt.Sprintf("is a string; use the number `%.0f`.", n.value), fmt.Sprintf("%.0f", n.value)}
	case kindOf(v) != "" && v.Kind != flow.Int && v.Kind != flow.Bool:
		return &problem{text: wrongKind(v, "a whole number of MiB")}
	case n.known && n.value <= 0:
		return say("is %s; it must be above 0.", shown(v))
	}
	return nil
}

// labelValue is what Metaflow takes for the value of a label.
var labelValue = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\n?$`)
})

func labels(v flow.Value, _ context) *problem {
	if p := dictOrNone(v, context{}); p != nil || v.Kind != flow.Dict {
		return p
	}
	for i, value := range v.Items {
		if is, known := truth(value); known && !is {
			continue
		}
		if kind := kindOf(value); kind != "" && kind != "str" {
			found := say("has %s for %s; a label is a string.", shown(value), shown(v.Keys[i]))
			return found
		}
		if value.Kind == flow.String && !labelValue().MatchString(value.Text) {
			return say("has %s, which is no label of Kubernetes; use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit first and last.", shown(value))
		}
	}
	return nil
}

func dictOrNone(v flow.Value, _ context) *problem {
	if v.Kind == flow.None {
		return nil
	}
	return mapping(v, "")
}

func dictOrNothing(v flow.Value, _ context) *problem {
	if is, known := truth(v); known && !is {
		return nil
	}
	return mapping(v, "")
}

func nodeSelector(v flow.Value, _ context) *problem {
	if v.Kind != flow.String {
		return nil
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(v.Text, ",") {
		key, _, ok := strings.Cut(part, "=")
		switch {
		case !ok:
			return say("has %s without a value; write `key=value`, separated by commas.", shown(flow.Value{Kind: flow.String, Text: part}))
		case seen[key]:
			return say("has `%s` twice; keep one.", key)
		}
		seen[key] = true
	}
	return nil
}

func imageName(v flow.Value, _ context) *problem {
	if is, known := truth(v); known && !is {
		return nil
	}
	if kind := kindOf(v); kind != "" && kind != "str" {
		return &problem{text: wrongKind(v, "the name of an image, as a string")}
	}
	return nil
}

func absolutePath(v flow.Value, _ context) *problem {
	if is, known := truth(v); known && !is {
		return nil
	}
	switch kind := kindOf(v); {
	case v.Kind == flow.String && v.Text[0] != '/':
		return &problem{fmt.Sprintf("is %s; it must be an absolute path.", shown(v)), quoted("/" + v.Text)}
	case kind == "", kind == "str", kind == "bytes", kind == "dict":
		return nil
	case (kind == "list" || kind == "tuple") && (len(v.Items) == 0 || v.Items[0].Kind != flow.String || v.Items[0].Text == "/"):
		return nil
	}
	return &problem{text: wrongKind(v, "a path, as a string")}
}

// quoted is a string literal for a text without quotes and backslashes.
func quoted(s string) string {
	if strings.ContainsAny(s, "\"\\\n") {
		return ""
	}
	return `"` + s + `"`
}

func batchTags(v flow.Value, _ context) *problem {
	if p := dictOrNone(v, context{}); p != nil || v.Kind != flow.Dict {
		return p
	}
	for i, value := range v.Items {
		for _, part := range []flow.Value{v.Keys[i], value} {
			kind := kindOf(part)
			if kind != "" && kind != "str" {
				return say("has %s; keys and values of tags are strings.", shown(part))
			}
			if part.Kind == flow.String {
				if p := batchTag(part); p != nil {
					return p
				}
			}
		}
		if key := v.Keys[i]; key.Kind == flow.String && len([]rune(key.Text)) > 128 {
			return say("has a key of more than 128 characters; shorten it.")
		}
		if value.Kind == flow.String && len([]rune(value.Text)) > 256 {
			return say("has a value of more than 256 characters; shorten it.")
		}
	}
	return nil
}

var batchTagStart = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9\s+\-=._:/@]`) })

func batchTag(part flow.Value) *problem {
	if strings.HasPrefix(strings.ToLower(part.Text), "aws:") {
		return say("has %s; tags must not begin with `aws:`.", shown(part))
	}
	if part.Text != "" && part.Text[0] >= 0x80 {
		return nil // spaces of other scripts are spaces to Python
	}
	if !batchTagStart().MatchString(part.Text) {
		return say("has %s; a tag begins with a letter, a digit, a space or one of `+-=._:/@`.", shown(part))
	}
	return nil
}
