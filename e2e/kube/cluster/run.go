//go:build linux

package main

import (
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

//go:embed config
var configs embed.FS

// process is one program of the cluster, a child of this process.
type process struct {
	name      string
	cmd       *exec.Cmd
	ended     chan struct{}
	dismissed atomic.Bool // its end is wanted
}

type cluster struct {
	place
	began    time.Time
	report   *os.File
	children []*process
	failed   chan string
	stopping chan os.Signal
	orders   chan os.Signal // only if simulated
}

// run is the parent of everything. It writes what it reaches to descriptor 3, a
// last line `ready`, and ends the cluster on a signal or when a part of it dies.
func run(p place) error {
	c := &cluster{place: p, began: time.Now(), report: os.NewFile(3, "report"), failed: make(chan string, 16), stopping: make(chan os.Signal, 1), orders: make(chan os.Signal, 1)}
	signal.Notify(c.stopping, unix.SIGTERM, unix.SIGINT)
	signal.Ignore(unix.SIGHUP, unix.SIGPIPE)
	signal.Notify(c.orders, unix.SIGUSR1, unix.SIGUSR2)
	defer func() {
		c.stop()
		if err := clean(p); err != nil {
			fmt.Println("clean:", err)
		}
	}()
	if err := c.start(); err != nil {
		c.say("%v", err)
		return err
	}
	c.say("ready")
	c.report.Close()
	for {
		select {
		case <-c.stopping:
			return nil
		case what := <-c.failed:
			return errors.New(what)
		case order := <-c.orders:
			if err := c.obey(order); err != nil {
				return err
			}
		}
	}
}

func (c *cluster) say(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	fmt.Printf("%s %s\n", time.Now().UTC().Format(time.RFC3339), line)
	fmt.Fprintln(c.report, line)
}

func (c *cluster) reached(what string) { c.say("  %4.1f s    %s", time.Since(c.began).Seconds(), what) }

func (c *cluster) start() error {
	if c.simulated {
		return c.startSimulated()
	}
	if err := c.prepare(); err != nil {
		return err
	}
	if err := c.startStores(); err != nil {
		return err
	}
	if err := c.launch("apiserver", c.tool("kube-apiserver"), apiserverFlags(c.place)...); err != nil {
		return err
	}
	if err := c.launchNode(); err != nil {
		return err
	}
	api, err := newAPI(c.kubeconfigDir(), c.port(apiPort))
	if err != nil {
		return err
	}
	if err := c.await("kube-apiserver", 60*time.Second, api.ready); err != nil {
		return err
	}
	if err := c.startControllers(); err != nil {
		return err
	}
	if err := c.await("controllers", 60*time.Second, api.has("/api/v1/namespaces/default/serviceaccounts/default")); err != nil {
		return err
	}
	if err := api.create("/api/v1/namespaces/default/secrets", taskSecret()); err != nil {
		return fmt.Errorf("secret of the tasks: %w", err)
	}
	return c.await("node ready", 90*time.Second, api.nodeReady)
}

// prepare writes everything that the programs read. The state of an earlier
// cluster is gone: each one starts from nothing.
func (c *cluster) prepare() error {
	for _, dir := range []string{"etc", "cni", "tmp", "logs/pods", "s3/buckets/" + s3Bucket, "s3/metadata", "containerd", "kubelet/plugins-exec"} {
		if err := os.MkdirAll(c.at(dir), 0o755); err != nil {
			return err
		}
	}
	for file, dir := range map[string]string{"containerd.toml": "etc", "kubelet.yaml": "etc", "10-bridge.conflist": "cni"} {
		content, err := configs.ReadFile("config/" + file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.at(dir, file), content, 0o644); err != nil {
			return err
		}
	}
	if err := makePKI(c.kubeconfigDir(), c.port(apiPort)); err != nil {
		return err
	}
	return makeBridge()
}

func (c *cluster) startEtcd() error {
	url, peers := c.etcd(), fmt.Sprintf("http://127.0.0.1:%d", c.port(etcdPort)+1)
	return c.launch("etcd", c.tool("etcd"), "--name", "one", "--data-dir", c.at("etcd"),
		"--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls", peers,
		"--initial-advertise-peer-urls", peers, "--initial-cluster", "one="+peers,
		"--unsafe-no-fsync", "--log-level", "warn")
}

func (c *cluster) startStores() error {
	if err := c.startEtcd(); err != nil {
		return err
	}
	// The side car keeps the metadata: not every file system has attributes for it.
	return c.launch("s3", c.s3Server(), "--access", s3User, "--secret", s3Secret, "--quiet", "--keep-alive",
		"--port", net.JoinHostPort(nodeIP, strconv.Itoa(s3Port)), "--port", net.JoinHostPort("127.0.0.1", strconv.Itoa(s3Port)),
		"posix", "--sidecar", c.at("s3", "metadata"), c.at("s3", "buckets"))
}

// controller are the flags that all controllers have in common; user is who they
// are for the API server.
func (c *cluster) controller(name, user string, port int) []string {
	config := filepath.Join(c.kubeconfigDir(), user+".kubeconfig")
	return []string{"--kubeconfig=" + config, "--authentication-kubeconfig=" + config, "--authorization-kubeconfig=" + config,
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", c.port(port)), "--leader-elect=false", "--cert-dir=" + c.at(name+"-pki")}
}

func (c *cluster) startControllers() error {
	if err := c.launch("controller-manager", c.tool("kube-controller-manager"), append(c.controller("controller-manager", "controller-manager", managerPort),
		"--root-ca-file="+filepath.Join(c.kubeconfigDir(), "ca.crt"), "--service-account-private-key-file="+filepath.Join(c.kubeconfigDir(), "sa.key"),
		"--use-service-account-credentials=true")...); err != nil {
		return err
	}
	return c.launch("scheduler", c.tool("kube-scheduler"), c.controller("scheduler", "scheduler", schedulerPort)...)
}

func apiserverFlags(p place) []string {
	pki := func(name string) string { return filepath.Join(p.kubeconfigDir(), name) }
	return []string{
		"--etcd-servers=" + p.etcd(),
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", p.port(apiPort)), "--advertise-address=" + nodeIP,
		"--tls-cert-file=" + pki("apiserver.crt"), "--tls-private-key-file=" + pki("apiserver.key"), "--client-ca-file=" + pki("ca.crt"),
		"--kubelet-client-certificate=" + pki("apiserver-kubelet-client.crt"), "--kubelet-client-key=" + pki("apiserver-kubelet-client.key"),
		"--kubelet-certificate-authority=" + pki("ca.crt"), "--kubelet-preferred-address-types=InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + pki("sa.pub"), "--service-account-signing-key-file=" + pki("sa.key"),
		"--service-cluster-ip-range=10.96.0.0/24", "--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction", "--profiling=false",
	}
}

func (c *cluster) launch(name, path string, args ...string) error {
	cmd := exec.Command(path, args...)
	cmd.Env = plainEnvironment(c.at("tmp"), c.at("tmp"))
	return c.begin(name, cmd, 0)
}

func (c *cluster) launchNode() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "node")
	cmd.Env = append(plainEnvironment("/", "/run"), "FLOWLS_STATE="+c.state, "FLOWLS_TOOLS="+c.tools)
	return c.begin("node", cmd, unix.CLONE_NEWNS|unix.CLONE_NEWPID)
}

func (c *cluster) begin(name string, cmd *exec.Cmd, namespaces uintptr) error {
	log, err := os.OpenFile(c.log(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	// Even when this process is killed, none of its children outlives it.
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true, Pdeathsig: unix.SIGKILL, Cloneflags: namespaces}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s does not start: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, ended: make(chan struct{})}
	c.children = append(c.children, p)
	go func() {
		err := cmd.Wait()
		close(p.ended)
		if p.dismissed.Load() {
			return
		}
		c.failed <- fmt.Sprintf("%s ended (%v): see %s", name, err, c.log(name))
	}()
	return nil
}

// await asks until the answer is yes, a part of the cluster died or somebody
// wants it to end.
func (c *cluster) await(what string, limit time.Duration, ask func() error) error {
	deadline := time.After(limit)
	for {
		err := ask()
		if err == nil {
			c.reached(what)
			return nil
		}
		select {
		case died := <-c.failed:
			return errors.New(died)
		case <-c.stopping:
			return errors.New("stopped while it started")
		case <-deadline:
			return fmt.Errorf("%s: not within %v: %w (logs: %s)", what, limit, err, c.at("logs"))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stop ends the node first, since its pods may still write to S3, and then the
// rest at once: their state is thrown away.
func (c *cluster) stop() {
	for _, p := range c.children {
		if p.name == "node" {
			p.kill()
		}
	}
	for _, p := range c.children {
		_ = p.cmd.Process.Signal(unix.SIGTERM) // it may be gone
	}
	// The API server drains its watches for long.
	patience := time.After(time.Second)
	for _, p := range c.children {
		select {
		case <-p.ended:
		case <-patience:
			for _, p := range c.children {
				p.kill()
			}
			return
		}
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be gone
	<-p.ended
}
