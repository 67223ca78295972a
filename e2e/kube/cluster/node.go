//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Where the node sees its own folders, whatever the host calls them. It also keeps
// the paths of sockets below the 107 bytes that the kernel allows.
const (
	nodeHome  = "/run/flowls"
	nodeState = nodeHome + "/state"
	nodeTools = nodeHome + "/tools"
)

// The kubelet sets these to fixed values. The node sees files that hold them
// already, so the host's stay as they are.
var kernelSettings = map[string]string{
	"vm/overcommit_memory":      "1",
	"vm/panic_on_oom":           "0",
	"kernel/panic":              "10",
	"kernel/panic_on_oops":      "1",
	"kernel/keys/root_maxkeys":  "1000000",
	"kernel/keys/root_maxbytes": "25000000",
}

// runNode is the first process of the node: it has a process and a mount namespace
// of its own. When it dies, the kernel ends everything in the node, pods included.
func runNode() error {
	if os.Getpid() != 1 {
		return errors.New("node is an internal command, started by up")
	}
	if err := nodeMounts(os.Getenv("FLOWLS_STATE"), os.Getenv("FLOWLS_TOOLS")); err != nil {
		return err
	}
	r := &reaper{ends: map[int]chan unix.WaitStatus{}}
	go r.loop()

	// Nothing is ever pulled: whatever is not here already is refused at once.
	nowhere := []string{"HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1"}
	containerd, err := r.start("containerd", nowhere, "containerd", "--config", nodeState+"/etc/containerd.toml")
	if err != nil {
		return err
	}
	if err := importImages(r); err != nil {
		return err
	}
	kubelet, err := r.start("kubelet", nil, nodeTools+"/kubelet",
		"--config="+nodeState+"/etc/kubelet.yaml", "--kubeconfig="+nodeState+"/pki/kubelet.kubeconfig",
		"--hostname-override="+nodeName, "--node-ip="+nodeIP,
		"--root-dir="+nodeState+"/kubelet", "--cert-dir="+nodeState+"/kubelet-pki")
	if err != nil {
		return err
	}
	select {
	case status := <-containerd:
		return fmt.Errorf("containerd ended: %s", describe(status))
	case status := <-kubelet:
		return fmt.Errorf("kubelet ended: %s", describe(status))
	}
}

// nodeMounts gives the node folders of its own where programs write to fixed
// places: /run, /var/lib, /var/log.
func nodeMounts(state, tools string) error {
	mount := func(source, target, kind string, flags uintptr) error {
		if err := unix.Mount(source, target, kind, flags, ""); err != nil {
			return fmt.Errorf("mount %s on %s: %w", source, target, err)
		}
		return nil
	}
	if err := mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE); err != nil {
		return err
	}
	// Opened first: a mount below may hide them.
	var opened []string
	for _, dir := range []string{state, tools} {
		fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open %s: %w", dir, err)
		}
		defer unix.Close(fd)
		opened = append(opened, fmt.Sprintf("/proc/self/fd/%d", fd))
	}
	// The host's /proc numbers processes otherwise; it still resolves our descriptors here.
	if err := mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NOEXEC|unix.MS_NODEV); err != nil {
		return err
	}
	for _, dir := range []string{"/run", "/var/lib", "/var/log"} {
		if err := mount("tmpfs", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV); err != nil {
			return err
		}
	}
	for i, dir := range []string{nodeState, nodeTools} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := mount(opened[i], dir, "", unix.MS_BIND); err != nil {
			return err
		}
	}
	// The kubelet hands volumes on to pods, which needs shared mounts.
	if err := mount("none", nodeState, "", unix.MS_SHARED); err != nil {
		return err
	}
	for _, dir := range []string{"/run/netns", "/run/containerd", nodeHome + "/tmp", nodeHome + "/settings"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for name, value := range kernelSettings {
		file := filepath.Join(nodeHome, "settings", strings.ReplaceAll(name, "/", "."))
		if err := os.WriteFile(file, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		err := mount(file, "/proc/sys/"+name, "", unix.MS_BIND)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a kernel without it
			return err
		}
	}
	return nil
}

func importImages(r *reaper) error {
	const socket = "/run/containerd/containerd.sock"
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if ready, err := r.start("ctr", nil, "ctr", "--address", socket, "version"); err == nil && (<-ready).ExitStatus() == 0 {
			break
		}
		if time.Now().After(deadline) {
			return errors.New("containerd does not answer")
		}
	}
	for _, name := range []string{"pause", "task"} {
		imported, err := r.start("ctr", nil, "ctr", "--address", socket, "--namespace", "k8s.io", "images", "import", nodeTools+"/"+name+"-image.tar")
		if err != nil {
			return err
		}
		if status := <-imported; status.ExitStatus() != 0 {
			return fmt.Errorf("image %s was not imported: see ctr.log", name)
		}
	}
	return nil
}

// reaper waits for every process of the node: its own children, and those that a
// container's shim left to the first process.
type reaper struct {
	mu   sync.Mutex
	ends map[int]chan unix.WaitStatus
}

func (r *reaper) start(log string, extra []string, name string, args ...string) (<-chan unix.WaitStatus, error) {
	out, err := os.OpenFile(nodeState+"/logs/"+log+".log", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, err
	}
	r.mu.Lock() // the loop must not see the end of a process that is not registered yet
	defer r.mu.Unlock()
	process, err := os.StartProcess(path, append([]string{name}, args...), &os.ProcAttr{
		Env:   append(plainEnvironment(nodeState, nodeHome+"/tmp"), extra...),
		Files: []*os.File{nil, out, out},
	})
	if err != nil {
		return nil, err
	}
	end := make(chan unix.WaitStatus, 1)
	r.ends[process.Pid] = end
	return end, process.Release()
}

func (r *reaper) loop() {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		if err != nil { // no child at the moment
			time.Sleep(20 * time.Millisecond)
			continue
		}
		r.mu.Lock()
		if end := r.ends[pid]; end != nil {
			end <- status
			delete(r.ends, pid)
		}
		r.mu.Unlock()
	}
}

func describe(status unix.WaitStatus) string {
	if status.Signaled() {
		return status.Signal().String()
	}
	return fmt.Sprintf("exit status %d", status.ExitStatus())
}

// plainEnvironment keeps the caller's KUBECONFIG, GODEBUG and the like out.
func plainEnvironment(home, tmp string) []string {
	return []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + home, "TMPDIR=" + tmp}
}
