package kube

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// bytes writes an amount of memory as people ask for it: Metaflow does in
// megabytes of 10⁶ bytes, manifests in those of 2²⁰.
func bytes(n int64) string {
	const kilo, mega, giga = 1 << 10, 1 << 20, 1 << 30
	switch {
	case n > 0 && n%1_000_000 == 0:
		return fmt.Sprintf("%d MB", n/1_000_000)
	case n >= giga && n%giga == 0:
		return fmt.Sprintf("%d GB", n/giga)
	case n >= giga:
		return fmt.Sprintf("%.1f GB", float64(n)/giga)
	case n >= mega:
		return fmt.Sprintf("%d MB", n/mega)
	default:
		return fmt.Sprintf("%d KB", n/kilo)
	}
}

var (
	// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) …. preemption: …`
	available = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^0/(\d+) nodes are available: (.*)$`)
	})
	aside = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\.\s+(?:preemption: |no new claims to deallocate|not found$).*`)
	})
	claim   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^persistentvolumeclaim "([^"]+)" not found`) })
	perNode = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|, )(\d+) ([^,{}]*(?:\{[^}]*\}[^,{}]*)*)`)
	})
	taint = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{([^:}]+): ?([^}]*)\}`) })
	quota = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`exceeded quota: ([^,]+), requested: (.+), used: (.+), limited: (.+)$`)
	})
	account = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`serviceaccount "([^"]+)" not found`)
	})
	// `Error creating: pods "t-…" is forbidden: …`
	verdict = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^Error creating: [Pp]ods? "[^"]*" is (?:forbidden|invalid): (.+)$`)
	})
)

// plainScheduling says in plain words why the scheduler found no node. What it
// does not know stays as it is.
func plainScheduling(message string) string {
	parts := available().FindStringSubmatch(message)
	if parts == nil {
		return message
	}
	if parts[1] == "0" {
		return "the cluster has no nodes at the moment"
	}
	// What follows tells that pushing others out would not help either.
	why := strings.TrimSuffix(aside().ReplaceAllString(parts[2], ""), ".")
	if m := claim().FindStringSubmatch(why); m != nil {
		return fmt.Sprintf("the persistent volume claim `%s` does not exist in the namespace", m[1])
	}
	var reasons []string
	for _, m := range perNode().FindAllStringSubmatch(why, -1) {
		reasons = append(reasons, nodeReason(m[1], m[2]))
	}
	if reasons == nil {
		return message
	}
	if parts[1] == "1" {
		return "the only node cannot take it: " + strings.Join(reasons, "; ")
	}
	return fmt.Sprintf("none of the %s nodes can take it: %s", parts[1], strings.Join(reasons, "; "))
}

func nodeReason(count, why string) string {
	have, refuse := " have ", " refuse "
	if count == "1" {
		have, refuse = " has ", " refuses "
	}
	why = strings.TrimSpace(why)
	switch {
	case strings.HasPrefix(why, "Insufficient "):
		return count + have + "too little " + resourceName(strings.TrimPrefix(why, "Insufficient ")) + " left"
	case why == "Too many pods":
		return count + have + "as many pods as it may"
	case strings.Contains(why, "untolerated taint"):
		return count + refuse + "by " + plainTaint(why)
	case strings.Contains(why, "didn't match Pod's node affinity"):
		return count + have + "not the labels that the node selector asks for"
	case strings.Contains(why, "were unschedulable"):
		return count + have + "been closed to new pods"
	case strings.Contains(why, "volume node affinity conflict"):
		return count + " cannot reach the volume"
	case strings.Contains(why, "didn't have free ports"):
		return count + have + "the port in use already"
	}
	return count + " " + why
}

func plainTaint(why string) string {
	m := taint().FindStringSubmatch(why)
	switch {
	case m == nil: // of several kinds
		return "taints"
	case m[2] == "":
		return "taint `" + m[1] + "`"
	}
	return "taint `" + m[1] + "=" + m[2] + "`"
}

func resourceName(name string) string {
	switch name {
	case "cpu":
		return "CPU"
	case "ephemeral-storage":
		return "disk"
	case "memory", "pods":
		return name
	}
	return "`" + name + "`"
}

// plainRefusal says in plain words why the cluster makes no pod for a job.
func plainRefusal(message string) string {
	if m := quota().FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("the quota `%s` of the namespace does not allow it: it asks for %s, %s is used, %s is allowed", m[1], m[2], m[3], m[4])
	}
	if m := account().FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("the service account `%s` does not exist in the namespace", m[1])
	}
	if m := verdict().FindStringSubmatch(message); m != nil {
		return "a rule of the cluster does not allow the pod: " + m[1]
	}
	return message
}
