//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// startSimulated starts what makes pods of jobs, and kwok, which says that they run.
// There is no scheduler: jobs name the node.
func (c *cluster) startSimulated() error {
	for _, dir := range []string{"etc", "tmp", "logs"} {
		if err := os.MkdirAll(c.at(dir), 0o755); err != nil {
			return err
		}
	}
	for _, file := range []string{"kwok.yaml", "audit.yaml"} {
		content, err := configs.ReadFile("config/" + file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.at("etc", file), content, 0o644); err != nil {
			return err
		}
	}
	if err := makePKI(c.kubeconfigDir(), c.port(apiPort)); err != nil {
		return err
	}
	if err := c.startEtcd(); err != nil {
		return err
	}
	if err := c.startSimulatedAPI(); err != nil {
		return err
	}
	api, err := newAPI(c.kubeconfigDir(), c.port(apiPort))
	if err != nil {
		return err
	}
	if err := c.await("kube-apiserver", 60*time.Second, api.ready); err != nil {
		return err
	}
	if err := c.launch("controller-manager", c.tool("kube-controller-manager"), append(c.controller("controller-manager", "admin", managerPort),
		"--controllers=job", "--kube-api-qps=400", "--kube-api-burst=800", "--concurrent-job-syncs=20")...); err != nil {
		return err
	}
	return c.launch("kwok", c.tool("kwok"), "--kubeconfig="+filepath.Join(c.kubeconfigDir(), "kwok.kubeconfig"),
		"--manage-all-nodes=true", "--config="+c.at("etc", "kwok.yaml"))
}

func (c *cluster) startSimulatedAPI() error {
	return c.launch("apiserver", c.tool("kube-apiserver"), append(apiserverFlags(c.place),
		// No service account stands behind pods that do not run.
		"--disable-admission-plugins=ServiceAccount", "--endpoint-reconciler-type=none",
		"--audit-policy-file="+c.at("etc", "audit.yaml"), "--audit-log-path="+c.log("requests"), "--audit-log-mode=blocking")...)
}

// obey ends the API server or starts it again.
func (c *cluster) obey(order os.Signal) error {
	at := slices.IndexFunc(c.children, func(p *process) bool { return p.name == "apiserver" })
	switch {
	case !c.simulated:
		return nil
	case order == unix.SIGUSR1 && at >= 0:
		p := c.children[at]
		p.dismissed.Store(true)
		p.kill()
		c.children = slices.Delete(c.children, at, at+1)
		fmt.Println("the API server was ended")
	case order == unix.SIGUSR2 && at < 0:
		return c.startSimulatedAPI()
	}
	return nil
}
