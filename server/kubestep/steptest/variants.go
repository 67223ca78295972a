// Package steptest makes decorators of steps as people write them, and as they
// get them wrong, for tests that hold our reading of them to Metaflow's.
package steptest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"flowls/analysis"
	"flowls/runner/preflight"
	"flowls/server/kubestep"
)

// choices are what an argument may be given; the sizes are about the nodes of the
// test against the real scheduler.
var choices = map[string][]string{
	"cpu":                      {"1", "0.5", "4", `"2"`, "63", "64", "200"},
	"memory":                   {"512", "4096", `"4096"`, "16_000", "100000.5", "300000", `"32"`},
	"disk":                     {"1024", "10240", `"10240"`, "400000", "2000000"},
	"gpu":                      {"1", "4", `"1"`, "8", "0", "None"},
	"gpu_vendor":               {`"nvidia"`, `"amd"`, `"NVIDIA"`, "None"},
	"qos":                      {`"guaranteed"`, `"Guaranteed"`, `"burstable"`},
	"node_selector":            {`{"pool": "big"}`, `"pool=gpu"`, `{"pool": "closed"}`, `"pool=big,disk=fast"`, `{"pool": "nothere"}`, "None", `{}`},
	"tolerations":              {`[{"key": "gpu", "operator": "Exists"}]`, `[{"key": "gpu", "value": "true", "effect": "NoSchedule"}]`, `[{"key": "gpu", "operator": "Equal", "value": "false"}]`, `[{"operator": "Exists"}]`, "[]"},
	"service_account":          {`"default"`, `"nothere"`, `""`},
	"secrets":                  {`"known"`, `["known"]`, `["nothere", "known"]`, "None", "[]"},
	"persistent_volume_claims": {`{"nothere": "/data"}`, "None", "{}"},
	"image_pull_secrets":       {`["known"]`, "[]"},
	"labels":                   {`{"team": "a"}`, `{"example.org/team": "a-b"}`, "None"},
	"annotations":              {`{"note": "any text"}`, "None"},
	"extended_resources":       {`{"example.org/fpga": 1}`, `{"example.org/fpga": "2"}`, "{}"},
	"shared_memory":            {"64", "None"},
	"use_tmpfs":                {"True", "False"},
	"tmpfs_size":               {"32", `"64"`},
	"port":                     {"8080", `"8080"`, "70000"},
	"image":                    {`"ourimage:1"`, `"example.org/ours/image:1"`, "None"},
	"compute_pool":             {`"pool"`},
}

// resources are those of @resources.
var resources = []string{"cpu", "memory", "disk", "gpu", "shared_memory"}

// Variants are n decorator texts of a step. The same seed gives the same ones.
// likely are the arguments that most of them are about.
func Variants(n int, seed uint64, likely ...string) []string {
	random := rand.New(rand.NewPCG(seed, 1))
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	call := func(name string, from []string, most int) string {
		given := map[string]bool{}
		var args []string
		for range random.IntN(most + 1) {
			argument := pick(from)
			if !given[argument] {
				given[argument] = true
				args = append(args, argument+"="+pick(choices[argument]))
			}
		}
		return fmt.Sprintf("@%s(%s)", name, strings.Join(args, ", "))
	}
	var all []string
	for range n {
		lines := []string{call("kubernetes", likely, 4)}
		if random.IntN(3) == 0 {
			lines = append(lines, call("resources", resources, 3))
		}
		if random.IntN(4) == 0 {
			lines = append(lines, "@retry(times=2)")
		}
		random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		all = append(all, strings.Join(lines, "\n"))
	}
	return all
}

// Arguments are all that Variants can be about.
func Arguments() []string { return slices.Sorted(maps.Keys(choices)) }

// Source is a flow whose step `train` has the decorators.
func Source(decorators string) string {
	lines := strings.Split(decorators, "\n")
	return "from metaflow import FlowSpec, kubernetes, resources, retry, step\n\n\nclass TrainFlow(FlowSpec):\n" +
		"    @step\n    def start(self):\n        self.next(self.train)\n\n    " + strings.Join(lines, "\n    ") +
		"\n    @step\n    def train(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n"
}

// Train is the step of Source as we read it, nil where we say nothing.
func Train(source string, with []string, config preflight.Configuration) *kubestep.Step {
	d := analysis.New([]byte(source))
	defer d.Close()
	f := d.File.Flows[0]
	i := 0
	for f.Steps[i].Name != "train" {
		i++
	}
	return kubestep.Of(f, f.Steps[i], with, config)
}
