//go:build linux

// Command cluster runs a real Kubernetes cluster of one node, with S3, on this
// machine: for the tests. No registry, no internet once it is built, and nothing
// is left when it ends.
//
// With a last argument `simulated` it is another cluster: the same API server, with
// nodes and pods that kwok pretends, for scale. That one needs no root, and lets its
// API server end and start again.
//
//	cluster probe     say whether this machine can be a node, and if not why
//	cluster build     build what `up` needs (done by up as well)
//	cluster up        start it, in the background
//	cluster status    what runs, and how much memory it holds
//	cluster env       print what a shell exports to use it
//	cluster down      end it
//	cluster apiserver-down, apiserver-up   only if simulated
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"flowls/runner/runnertest"

	"golang.org/x/sys/unix"
)

const (
	nodeName                   = "node-1"
	nodeIP                     = "10.88.0.1" // also config/kubelet.yaml
	bridge                     = "flowls-kube"
	apiPort                    = 16443
	etcdPort                   = 12379 // and the next one
	managerPort, schedulerPort = 16257, 16259
	s3Port                     = 17070
	s3User                     = "flowls-test"
	s3Secret                   = "flowls-test-secret"
	s3Bucket                   = "metaflow"
	taskImage                  = "localhost/task:1"
	simulated                  = "simulated"
)

// place says where things are: tools are built once, state lives as long as one
// cluster, logs (below state) until the next one starts.
type place struct {
	root, tools, state string
	simulated          bool
}

// port keeps the two kinds of cluster apart.
func (p place) port(number int) int {
	if p.simulated {
		return number + 1000
	}
	return number
}

func (p place) tool(name string) string { return filepath.Join(p.tools, name) }
func (p place) at(elements ...string) string {
	return filepath.Join(append([]string{p.state}, elements...)...)
}
func (p place) kubeconfig() string       { return p.at("pki", "admin.kubeconfig") }
func (p place) etcd() string             { return fmt.Sprintf("http://127.0.0.1:%d", p.port(etcdPort)) }
func (p place) kubeconfigDir() string    { return p.at("pki") }
func (p place) log(name string) string   { return p.at("logs", name+".log") }
func (p place) stamp(name string) string { return p.tool(name + ".stamp") } // says what was built
func (p place) image(name string) string { return p.tool(name + "-image.tar") }

// s3Server is the one that the tests of the stores use as well.
func (p place) s3Server() string {
	return filepath.Join(p.root, ".tools", "bin", "versitygw-"+runnertest.VersityGW)
}

func newPlace(root string) place {
	return place{root: root, tools: filepath.Join(root, ".tools", "kube"), state: filepath.Join(root, ".cache", "kube")}
}

func simulatedPlace(root string) place {
	p := newPlace(root)
	p.state, p.simulated = p.state+"-simulated", true
	return p
}

// Processes end with the thread that started them (Pdeathsig), and only the main
// thread lives as long as this one.
func init() { runtime.LockOSThread() }

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "node":
		return runNode()
	case len(args) == 1 && args[0] == "probe-node":
		return probeNode()
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, "e2e", "kube", "modules")); err != nil {
		return fmt.Errorf("%s is not the top of the flowls sources: start it there", root)
	}
	p := newPlace(root)
	if len(args) == 2 && args[1] == simulated {
		p, args = simulatedPlace(root), args[:1]
	}
	if len(args) != 1 {
		return fmt.Errorf("usage: cluster probe|build|up|status|env|down [%s]", simulated)
	}
	switch args[0] {
	case "probe":
		return probe(p)
	case "build":
		return build(p)
	case "up":
		return up(p)
	case "run": // by up
		return run(p)
	case "status":
		return status(p, os.Stdout)
	case "env":
		return environment(p, os.Stdout)
	case "down":
		return down(p)
	case "apiserver-down":
		return tell(p, unix.SIGUSR1)
	case "apiserver-up":
		return tell(p, unix.SIGUSR2)
	}
	return fmt.Errorf("unknown command %q: probe, build, up, status, env or down", args[0])
}
