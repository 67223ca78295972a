package preflight

import (
	"fmt"
	"maps"
	"strings"
)

// overLimits does what the API server does to a pod: the limit ranges' defaults
// first, then their bounds, then the quotas.
func overLimits(in Namespace, want *Request) []Finding {
	requests, limits := maps.Clone(want.Requests), maps.Clone(want.Limits)
	if limits == nil {
		limits = Amounts{}
	}
	for _, r := range in.LimitRanges {
		if r.Pod {
			continue
		}
		fill(limits, r.Default)
		fill(limits, r.Max)
		fill(requests, r.DefaultRequest)
	}
	var found []Finding
	for i := range in.LimitRanges {
		found = append(found, outOfRange(&in.LimitRanges[i], want, requests, limits)...)
	}
	if found == nil {
		for _, name := range sortedKeys(requests) {
			if limit, set := limits[name]; set && limit < requests[name] && want.sized(name) {
				found = append(found, Finding{
					Kind: OverLimit, Argument: want.Argument(name), Instead: limit.metaflow(name),
					Message: fmt.Sprintf("the namespace limits each container to %s, and it asks for %s", limit.text(name), requests[name].text(name)),
				})
			}
		}
	}
	return append(found, overQuota(in.Quotas, want, requests, limits)...)
}

func fill(amounts, standard Amounts) {
	for name, a := range standard {
		if _, set := amounts[name]; !set {
			amounts[name] = a
		}
	}
}

// sized: what the step asks for of a resource is known.
func (r *Request) sized(resource string) bool {
	if r.Unknown["extended_resources"] || r.Unknown["qos"] {
		return false
	}
	switch resource {
	case CPU, Memory:
		return !r.Unknown[resource]
	case Disk:
		return !r.Unknown["disk"]
	}
	return !r.Unknown["gpu"] && !r.Unknown["gpu_vendor"]
}

func outOfRange(r *LimitRange, want *Request, requests, limits Amounts) []Finding {
	var found []Finding
	what := "a container"
	if r.Pod {
		what = "a pod"
	}
	add := func(name, instead, message string, args ...any) {
		if want.sized(name) {
			found = append(found, Finding{
				Kind: OverLimit, Argument: want.Argument(name), Instead: instead,
				Message: fmt.Sprintf("the limit range `%s` of the namespace ", r.Name) + fmt.Sprintf(message, args...),
			})
		}
	}
	for _, name := range sortedKeys(r.Max) {
		most := r.Max[name]
		request, limit := requests[name], limits[name]
		if _, limited := limits[name]; max(request, limit) > most {
			add(name, most.metaflow(name), "allows %s at most %s, and it asks for %s", what, most.text(name), max(request, limit).text(name))
		} else if r.Pod && !limited && !extended(name) {
			add(name, "", "takes only pods that set a limit of %s", resourceText(name))
			found = guaranteedInstead(found, want)
		}
	}
	for _, name := range sortedKeys(r.Min) {
		if request, set := requests[name]; set && request < r.Min[name] {
			add(name, atLeast(r.Min[name], name), "wants %s to ask for at least %s, and it asks for %s", what, r.Min[name].text(name), request.text(name))
		}
	}
	for _, name := range sortedKeys(r.MaxRatio) {
		request, limit := requests[name], limits[name]
		if request > 0 && limit > 0 && float64(limit)/float64(request)*1000 > float64(r.MaxRatio[name])+1 {
			add(name, "", "allows a limit of at most %s times what %s asks for, and it asks for %s with a limit of %s",
				r.MaxRatio[name].number(), what, request.text(name), limit.text(name))
		}
	}
	return found
}

// guaranteedInstead: the last finding is about limits, which that class has.
func guaranteedInstead(found []Finding, want *Request) []Finding {
	if n := len(found); n > 0 && !want.Unknown["qos"] {
		f := &found[n-1]
		f.Message += ": use `qos=\"guaranteed\"`"
		f.Argument, f.Instead = "qos", "guaranteed"
	}
	return found
}

// atLeast is an amount as an argument, rounded up.
func atLeast(a Amount, resource string) string {
	switch resource {
	case Memory, Disk:
		return fmt.Sprint((int64(a)/1000 + 1e6 - 1) / 1e6)
	}
	return a.metaflow(resource)
}

func resourceText(name string) string {
	switch name {
	case CPU:
		return "CPU"
	case Memory:
		return "memory"
	case Disk:
		return "disk"
	}
	return "`" + name + "`"
}

// overQuota finds what a quota can never allow. What is used up now may come back.
func overQuota(quotas []Quota, want *Request, requests, limits Amounts) []Finding {
	var found []Finding
	for _, quota := range quotas {
		for _, key := range sortedKeys(quota.Hard) {
			hard := quota.Hard[key]
			name, of := quotaSubject(key)
			asked := requests
			switch of {
			case "limits":
				asked = limits
			case "":
				if hard == 0 && (key == "pods" || key == "count/pods" || key == "count/jobs.batch") {
					found = append(found, Finding{Kind: OverQuota, Argument: "namespace", Value: want.Namespace,
						Message: fmt.Sprintf("the quota `%s` of the namespace `%s` allows no %s", quota.Name, want.Namespace, strings.TrimPrefix(key, "count/"))})
				}
				continue
			}
			if f, over := overHard(want, quota.Name, key, name, of, hard, asked); over {
				found = append(found, f)
			}
		}
	}
	return found
}

func overHard(want *Request, quota, key, name, of string, hard Amount, asked Amounts) (Finding, bool) {
	f := Finding{Kind: OverQuota, Argument: want.Argument(name)}
	a, set := asked[name]
	switch {
	case !want.sized(name), !set && extended(name):
		return f, false
	case !set:
		f.Message = fmt.Sprintf("the quota `%s` of the namespace takes only pods that set %s of %s", quota, of, resourceText(name))
		if of == "limits" {
			return guaranteedInstead([]Finding{f}, want)[0], true
		}
		return f, true
	case a > hard:
		f.Message = fmt.Sprintf("the quota `%s` of the namespace allows %s of `%s` for all pods together, and it asks for %s", quota, hard.text(name), key, a.text(name))
		f.Instead = hard.metaflow(name)
		return f, true
	}
	return f, false
}

// quotaSubject splits `requests.memory`; `memory` alone means the same.
func quotaSubject(key string) (name, of string) {
	if rest, ok := strings.CutPrefix(key, "limits."); ok {
		return rest, "limits"
	}
	if rest, ok := strings.CutPrefix(key, "requests."); ok {
		if rest == "storage" {
			return "", ""
		}
		return rest, "requests"
	}
	switch key {
	case CPU, Memory, Disk:
		return key, "requests"
	}
	return "", ""
}
