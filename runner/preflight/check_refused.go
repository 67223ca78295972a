package preflight

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// What the API server refuses whatever the cluster has.

var (
	dnsLabel = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`) })
	dnsName  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	})
	keyName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`)
	})
)

func refused(want *Request) []Finding {
	var found []Finding
	add := func(argument, value, message string, args ...any) {
		found = append(found, Finding{Kind: Refused, Argument: argument, Value: value, Message: fmt.Sprintf(message, args...)})
	}
	if container := strings.ReplaceAll(want.Step, "_", "-"); want.Step != "" && !dnsLabel().MatchString(container) {
		add("", "", "the step's name makes the container `%s`, which Kubernetes does not allow: use at most 63 lowercase letters, digits and underscores, with none of these first or last", container)
	}
	for _, of := range []struct {
		name string
		all  map[string]string
	}{{"labels", want.Labels}, {"annotations", want.Annotations}, {"node_selector", want.NodeSelector}} {
		for _, key := range sortedKeys(of.all) {
			if !isKey(key) {
				add(of.name, key, "`%s` is no key that Kubernetes allows in `%s`: at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit first and last, behind a domain and a `/` if you like", key, of.name)
			}
		}
	}
	if want.Port > 65535 {
		add("port", "", "port %d does not exist: the largest is 65535", want.Port)
	}
	for _, name := range sortedKeys(want.Requests) {
		if extended(name) && !isKey(name) {
			argument := want.Argument(name)
			if argument == "gpu" {
				argument = "gpu_vendor"
			}
			add(argument, name, "`%s` is no resource that Kubernetes allows: the name of the vendor has lowercase letters only", name)
		}
	}
	return append(found, mounts(want)...)
}

// mounts: each has a place of its own, and a volume has the name of its claim.
func mounts(want *Request) []Finding {
	var found []Finding
	taken := map[string]string{}
	if want.Tmpfs > 0 && want.TmpfsPath != "" {
		taken[want.TmpfsPath] = "tmpfs"
	}
	if want.SharedMemory > 0 {
		taken["/dev/shm"] = "shared memory"
	}
	for _, claim := range sortedKeys(want.Claims) {
		path := want.Claims[claim]
		switch other := taken[path]; {
		case !dnsLabel().MatchString(claim) && dnsName().MatchString(claim):
			found = append(found, Finding{Kind: Refused, Argument: "persistent_volume_claims", Value: claim, Message: fmt.Sprintf(
				"Metaflow names the volume after the claim `%s`, and Kubernetes allows no dots and at most 63 characters there", claim)})
		case path == "" || strings.Contains(path, ":"):
			found = append(found, Finding{Kind: Refused, Argument: "persistent_volume_claims", Value: claim, Message: fmt.Sprintf(
				"`%s` is no path that the claim `%s` can be mounted at: it must not be empty nor hold a colon", path, claim)})
		case other != "":
			found = append(found, Finding{Kind: Refused, Argument: "persistent_volume_claims", Value: claim, Message: fmt.Sprintf(
				"`%s` and `%s` are both mounted at `%s`: give each a path of its own", other, claim, path)})
		}
		taken[path] = claim
	}
	return found
}

// isKey: a name, or a domain, a slash and a name.
func isKey(key string) bool {
	prefix, name, found := strings.Cut(key, "/")
	if !found {
		return keyName().MatchString(key)
	}
	return len(prefix) <= 253 && dnsName().MatchString(prefix) && keyName().MatchString(name)
}
