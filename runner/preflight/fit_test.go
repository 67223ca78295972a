package preflight

import (
	"fmt"
	"testing"
)

// What is proposed after a task found no node: the least change, with room for
// what the cluster itself needs.
func TestFit(t *testing.T) {
	for name, c := range map[string]struct {
		want     Request
		lower    string
		tolerate string
		room     bool
	}{
		"fits":                {want: Request{Requests: amounts(t, CPU, "7", Memory, "20G")}, room: true},
		"absurd":              {want: Request{Requests: amounts(t, CPU, "900")}, lower: "cpu=6 (6 CPU)"},
		"memory":              {want: Request{Requests: amounts(t, CPU, "1", Memory, "900G")}, lower: "memory=54000 (54 GB of memory)"},
		"the nearer node":     {want: Request{Requests: amounts(t, CPU, "1500m", Memory, "70G")}, lower: "memory=54000 (54 GB of memory)", tolerate: "gpu=true"},
		"both":                {want: Request{Requests: amounts(t, CPU, "900", Memory, "900G")}, lower: "cpu=6 (6 CPU) memory=26000 (26 GB of memory)"},
		"another node has it": {want: Request{Requests: amounts(t, CPU, "12")}, lower: "cpu=6 (6 CPU)", tolerate: "gpu=true"},
		"no GPU is open":      {want: Request{Requests: amounts(t, CPU, "1", "nvidia.com/gpu", "1")}, tolerate: "gpu=true"},
		"tolerated": {
			want:  Request{Requests: amounts(t, "nvidia.com/gpu", "3"), Tolerations: []Toleration{{Key: "gpu", Operator: "Exists"}}},
			lower: "gpu=2 (2 `nvidia.com/gpu`)",
		},
		"no such label":    {want: Request{Requests: amounts(t, CPU, "1"), NodeSelector: map[string]string{"disk": "slow"}}},
		"selector unknown": {want: Request{Requests: amounts(t, CPU, "900"), Unknown: map[string]bool{"node_selector": true}}},
		"size unknown":     {want: Request{Requests: amounts(t, CPU, "1"), Unknown: map[string]bool{"memory": true}}},
	} {
		lower, tolerate := "", ""
		for _, l := range Lower(office(t), &c.want) {
			if lower != "" {
				lower += " "
			}
			lower += fmt.Sprintf("%s=%s (%s)", l.Argument, l.Instead, l.Text)
		}
		for _, taint := range Tolerable(office(t), &c.want) {
			tolerate += taint.String()
		}
		if room := Room(office(t), &c.want); lower != c.lower || tolerate != c.tolerate || room != c.room {
			t.Errorf("%s: lower %q, tolerate %q, room %v", name, lower, tolerate, room)
		}
	}
	master := &Inventory{Nodes: []Node{{Name: "m", Free: amounts(t, CPU, "8"), Taints: []Taint{{mastering[0], "", "NoSchedule"}}}}}
	if taints := Tolerable(master, &Request{Requests: amounts(t, CPU, "1")}); taints != nil {
		t.Errorf("work is sent to the control plane: %v", taints)
	}
}

func TestRoomy(t *testing.T) {
	for _, c := range []struct{ resource, free, want string }{
		{CPU, "2", "1500m"}, {CPU, "7900m", "6"}, {CPU, "16", "14"}, {CPU, "100m", "0"}, {CPU, "1", "800m"},
		{Memory, "3900M", "3G"}, {Memory, "1G", "800M"}, {Memory, "62G", "54G"}, {"amd.com/gpu", "1", "1"},
	} {
		free, _ := ParseAmount(c.free)
		if want, _ := ParseAmount(c.want); roomy(free, c.resource) != want {
			t.Errorf("%s of %s: %v", c.free, c.resource, roomy(free, c.resource))
		}
	}
}
