package preflight

import (
	"slices"
	"testing"
)

// What the verdicts are is held against the real scheduler (e2e/kube); these are
// their words, their places and what they propose.

func amounts(t *testing.T, pairs ...string) Amounts {
	t.Helper()
	all := Amounts{}
	for i := 0; i < len(pairs); i += 2 {
		a, ok := ParseAmount(pairs[i+1])
		if !ok {
			t.Fatalf("%q is no amount", pairs[i+1])
		}
		all[pairs[i]] = a
	}
	return all
}

// office is a cluster of four nodes, two of them for GPUs.
func office(t *testing.T) *Inventory {
	t.Helper()
	gpu := []Taint{{"gpu", "true", "NoSchedule"}}
	return &Inventory{
		Nodes: []Node{
			{Name: "node-1", Free: amounts(t, CPU, "7500m", Memory, "30G")},
			{Name: "node-2", Free: amounts(t, CPU, "1500m", Memory, "62G"), Labels: map[string]string{"disk": "fast"}},
			{Name: "node-3", Free: amounts(t, CPU, "15500m", Memory, "128G", "nvidia.com/gpu", "2"), Taints: gpu},
			{Name: "node-4", Free: amounts(t, CPU, "15500m", Memory, "128G", "nvidia.com/gpu", "2"), Taints: gpu},
		},
		Namespaces: []string{"default", "team"},
		In: map[string]Namespace{
			"default":   {Secrets: []string{"s3", "registry"}, Accounts: []string{"default", "runner"}, Claims: []string{}},
			"elsewhere": {Missing: true},
			"teem":      {Missing: true},
		},
	}
}

func TestCheck(t *testing.T) {
	exists := []Toleration{{Key: "gpu", Operator: "Exists"}}
	quota := func(key, hard string) func(*Inventory) {
		return func(have *Inventory) {
			in := have.In["default"]
			in.Quotas = []Quota{{"team", amounts(t, key, hard)}}
			have.In["default"] = in
		}
	}
	limits := func(r LimitRange) func(*Inventory) {
		return func(have *Inventory) {
			in := have.In["default"]
			r.Name = "small"
			in.LimitRanges = []LimitRange{r}
			have.In["default"] = in
		}
	}
	ask := func(pairs ...string) Request { return Request{Requests: amounts(t, pairs...)} }
	with := func(r Request, change func(*Request)) Request { change(&r); return r }
	gpuFrom := map[string]Origin{"gpu": FromKubernetes}
	tests := map[string]struct {
		want   Request
		change func(*Inventory)
		found  []Finding
	}{
		"fits": {want: Request{Requests: amounts(t, CPU, "1", Memory, "4G"), ServiceAccount: "default", Secrets: []string{"s3"}, PullSecrets: []string{"registry"}}},
		"memory": {want: ask(CPU, "1", Memory, "128G"),
			found: []Finding{{TooLarge, "memory", "", "no node has 128 GB: the most that one can give is 62 GB (`node-2`); 2 nodes refuse by taint `gpu`", "62000"}}},
		"memory of a tainted node":    {want: with(ask(CPU, "1", Memory, "128G"), func(r *Request) { r.Tolerations = exists })},
		"memory, tolerations unknown": {want: with(ask(CPU, "1", Memory, "128G"), func(r *Request) { r.Unknown = map[string]bool{"tolerations": true} })},
		"the most beside the rest": {want: ask(CPU, "7", Memory, "128G"),
			found: []Finding{{TooLarge, "memory", "", "no node has 128 GB: the most that one can give is 62 GB (`node-2`); 2 nodes refuse by taint `gpu`", "30000"}}},
		"cpu": {want: ask(CPU, "8"),
			found: []Finding{{TooLarge, "cpu", "", "no node has 8 CPU: the most that one can give is 7.5 CPU (`node-1`); 2 nodes refuse by taint `gpu`", "7.5"}}},
		"not together": {want: ask(CPU, "4", Memory, "60G"),
			found: []Finding{{TooLarge, "cpu", "", "no single node has all of it: 4 CPU, 60 GB; 2 nodes refuse by taint `gpu`", "1.5"}}},
		"no gpu without toleration": {want: with(ask("nvidia.com/gpu", "1"), func(r *Request) { r.From = gpuFrom }),
			found: []Finding{{TooLarge, "gpu", "", "no node has `nvidia.com/gpu`; 2 nodes refuse by taint `gpu`", ""}}},
		"no gpu wanted": {want: ask("nvidia.com/gpu", "0")},
		"a taint named as the device": {want: with(ask("nvidia.com/gpu", "1"), func(r *Request) { r.From = gpuFrom }),
			change: func(have *Inventory) { have.Nodes[2].Taints = []Taint{{"nvidia.com/gpu", "present", "NoSchedule"}} }},
		"too many gpus": {want: with(ask("nvidia.com/gpu", "3"), func(r *Request) { r.From, r.Tolerations = gpuFrom, exists }),
			found: []Finding{{TooLarge, "gpu", "", "no node has 3 `nvidia.com/gpu`: the most that one can give is 2 `nvidia.com/gpu` (`node-3`)", "2"}}},
		"gpu of another maker": {want: with(ask("amd.com/gpu", "1"), func(r *Request) { r.From, r.Tolerations = gpuFrom, exists }),
			found: []Finding{{TooLarge, "gpu", "", "no node has `amd.com/gpu`", ""}}},
		"device": {want: with(ask("vendor.example/fpga", "1"), func(r *Request) {
			r.From, r.Tolerations = map[string]Origin{"extended_resources": FromKubernetes}, exists
		}), found: []Finding{{TooLarge, "extended_resources", "vendor.example/fpga", "no node has `vendor.example/fpga`", ""}}},
		"the cluster grows": {want: ask(CPU, "8"), change: func(have *Inventory) { have.Grows = true },
			found: []Finding{{NotYet, "cpu", "", "no node has 8 CPU: the most that one can give is 7.5 CPU (`node-1`); 2 nodes refuse by taint `gpu`; the cluster adds nodes, so one may come that has it", "7.5"}}},
		"selector": {want: Request{NodeSelector: map[string]string{"disk": "slow"}},
			found: []Finding{{NoNode, "node_selector", "disk", "none of the 4 nodes has the labels `disk=slow`; `disk` is `fast`", ""}}},
		"selector with a label of no node": {want: Request{NodeSelector: map[string]string{"pool": "a"}},
			found: []Finding{{NoNode, "node_selector", "pool", "none of the 4 nodes has the labels `pool=a`; none has the label `pool`", ""}}},
		"closed": {want: Request{NodeSelector: map[string]string{"disk": "fast"}}, change: func(have *Inventory) { have.Nodes[1].Closed = true },
			found: []Finding{{NoNode, "tolerations", "", "no node is open to it: 1 node is closed to new pods", ""}}},
		"one taint": {want: Request{NodeSelector: map[string]string{"pool": "a"}}, change: func(have *Inventory) { have.Nodes[3].Labels = map[string]string{"pool": "a"} },
			found: []Finding{{NoNode, "tolerations", "", "no node is open to it: 1 node refuses by taint `gpu`", `[{"key": "gpu", "operator": "Exists"}]`}}},
		"closed, and everything tolerated": {want: Request{NodeSelector: map[string]string{"disk": "fast"}, Tolerations: []Toleration{{Operator: "Exists"}}},
			change: func(have *Inventory) { have.Nodes[1].Closed = true }},
		"not ready for a moment": {want: Request{NodeSelector: map[string]string{"disk": "fast"}},
			change: func(have *Inventory) {
				have.Nodes[1].Taints = []Taint{{"node.kubernetes.io/not-ready", "", "NoSchedule"}}
			}},
		"names": {want: Request{ServiceAccount: "runer", Secrets: []string{"s3", "db"}, Claims: map[string]string{"data": "/d"}, PullSecrets: []string{"mine"}},
			found: []Finding{{NoAccount, "service_account", "runer", "the namespace `default` has no service account `runer`; did you mean `runner`?", "runner"},
				{NoSecret, "secrets", "db", "the namespace `default` has no secret `db`", ""},
				{NoClaim, "persistent_volume_claims", "data", "the namespace `default` has no persistent volume claim `data`", ""},
				{NoPullSecret, "image_pull_secrets", "mine", "the namespace `default` has no secret `mine`, so images that need it cannot be pulled", ""}}},
		"no namespace": {want: Request{Namespace: "teem", ServiceAccount: "nothere", Requests: amounts(t, CPU, "99")},
			found: []Finding{{NoNamespace, "namespace", "teem", "the cluster has no namespace `teem`; did you mean `team`?", "team"}}},
		"namespace not looked at":      {want: Request{Namespace: "other", ServiceAccount: "nothere"}},
		"names that may not be listed": {want: Request{ServiceAccount: "robot", Secrets: []string{"db"}}, change: func(have *Inventory) { have.In["default"] = Namespace{} }},
		"nodes that may not be listed": {want: ask(Memory, "1T"), change: func(have *Inventory) { have.Nodes = nil }},
		"quota": {want: ask(Memory, "8G"), change: quota("requests.memory", "4G"),
			found: []Finding{{OverQuota, "memory", "", "the quota `team` of the namespace allows 4 GB of `requests.memory` for all pods together, and it asks for 8 GB", "4000"}}},
		"quota that suffices":   {want: ask(Memory, "4G"), change: quota("requests.memory", "4G")},
		"quota, amount unknown": {want: Request{Unknown: map[string]bool{"memory": true}}, change: quota("requests.memory", "4G")},
		"quota wants limits": {want: ask(Memory, "1G"), change: quota("limits.memory", "4G"),
			found: []Finding{{OverQuota, "qos", "", "the quota `team` of the namespace takes only pods that set limits of memory: use `qos=\"guaranteed\"`", "guaranteed"}}},
		"quota wants limits, which guaranteed sets": {want: Request{Requests: amounts(t, Memory, "1G"), Limits: amounts(t, Memory, "1G")}, change: quota("limits.memory", "4G")},
		"quota wants limits, qos unknown":           {want: Request{Requests: amounts(t, Memory, "1G"), Unknown: map[string]bool{"qos": true}}, change: quota("limits.memory", "4G")},
		"quota of no pods": {want: ask(CPU, "1"), change: quota("pods", "0"),
			found: []Finding{{OverQuota, "namespace", "default", "the quota `team` of the namespace `default` allows no pods", ""}}},
		"limit range": {want: ask(Memory, "8G"), change: limits(LimitRange{Max: amounts(t, Memory, "2G")}),
			found: []Finding{{OverLimit, "memory", "", "the limit range `small` of the namespace allows a container at most 2 GB, and it asks for 8 GB", "2000"}}},
		"limit range, at least": {want: ask(Memory, "100M"), change: limits(LimitRange{Min: amounts(t, Memory, "1Gi")}),
			found: []Finding{{OverLimit, "memory", "", "the limit range `small` of the namespace wants a container to ask for at least 1.1 GB, and it asks for 100 MB", "1074"}}},
		"limit range with a lower default": {want: ask(Memory, "4G"), change: limits(LimitRange{Default: amounts(t, Memory, "2G")}),
			found: []Finding{{OverLimit, "memory", "", "the namespace limits each container to 2 GB, and it asks for 4 GB", "2000"}}},
		"limit range, ratio": {want: ask(CPU, "500m"), change: limits(LimitRange{Default: amounts(t, CPU, "2"), MaxRatio: amounts(t, CPU, "2")}),
			found: []Finding{{OverLimit, "cpu", "", "the limit range `small` of the namespace allows a limit of at most 2 times what a container asks for, and it asks for 0.5 CPU with a limit of 2 CPU", ""}}},
		"limit range of pods": {want: ask(CPU, "500m"), change: limits(LimitRange{Pod: true, Max: amounts(t, CPU, "2")}),
			found: []Finding{{OverLimit, "qos", "", "the limit range `small` of the namespace takes only pods that set a limit of CPU: use `qos=\"guaranteed\"`", "guaranteed"}}},
		"maker in capitals": {want: with(ask("NVIDIA.com/gpu", "1"), func(r *Request) { r.From = gpuFrom }),
			found: []Finding{{Refused, "gpu_vendor", "NVIDIA.com/gpu", "`NVIDIA.com/gpu` is no resource that Kubernetes allows: the name of the vendor has lowercase letters only", ""}}},
		"keys": {want: Request{Labels: map[string]string{"team": "a", "my team": "b", "example.org/team": "c"}, Annotations: map[string]string{"/x": "y"}},
			found: []Finding{
				{Refused, "labels", "my team", "`my team` is no key that Kubernetes allows in `labels`: at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit first and last, behind a domain and a `/` if you like", ""},
				{Refused, "annotations", "/x", "`/x` is no key that Kubernetes allows in `annotations`: at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit first and last, behind a domain and a `/` if you like", ""}}},
		"port": {want: Request{Port: 70000}, found: []Finding{{Refused, "port", "", "port 70000 does not exist: the largest is 65535", ""}}},
		"mounted twice": {want: Request{Claims: map[string]string{"a": "/d", "b": "/d"}}, change: func(have *Inventory) { have.In["default"] = Namespace{} },
			found: []Finding{{Refused, "persistent_volume_claims", "b", "`a` and `b` are both mounted at `/d`: give each a path of its own", ""}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			have := office(t)
			if test.change != nil {
				test.change(have)
			}
			if test.want.Namespace == "" {
				test.want.Namespace = "default"
			}
			if got := Check(have, &test.want); !slices.Equal(got, test.found) {
				t.Errorf("got  %+v\nwant %+v", got, test.found)
			}
		})
	}
}

func TestParseAmount(t *testing.T) {
	for s, want := range map[string]Amount{
		"1": 1000, "0.2": 200, "500m": 500, "4096M": 4096e9, "4096.0M": 4096e9, "10Gi": 10737418240000, "1e3": 1e6, "100u": 1, "0": 0, "+2": 2000,
	} {
		if got, ok := ParseAmount(s); !ok || got != want {
			t.Errorf("%q: %d, %v; want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "M", "1e3M", "1_000", "0x10", "inf", "nan", "1.2.3", "10 Gi", "10GB", ".", "1e"} {
		if got, ok := ParseAmount(s); ok {
			t.Errorf("%q is %d", s, got)
		}
	}
	if a, _ := ParseAmount("99999999Ei"); a <= 0 {
		t.Errorf("too much for a number became %d", a)
	}
}
