//go:build linux

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const kubernetesVersion = "1.34.4"

// program is one or more commands that a pinned module of modules/ builds.
type program struct {
	module   string
	packages []string
	ldflags  string
}

// Kubernetes asks the linker for its version; without one it calls itself v0.0.0
// and clients refuse to talk to it.
func versionFlags() string {
	minor := strings.Split(kubernetesVersion, ".")[1]
	flags := "-s -w"
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for _, set := range []string{"gitVersion=v" + kubernetesVersion, "gitMajor=1", "gitMinor=" + minor, "gitTreeState=clean"} {
			flags += " -X " + pkg + "." + set
		}
	}
	return flags
}

var programs = []program{
	{"etcd", []string{"go.etcd.io/etcd/server/v3"}, "-s -w"},
	{"kubernetes", []string{
		"k8s.io/kubernetes/cmd/kube-apiserver",
		"k8s.io/kubernetes/cmd/kube-controller-manager",
		"k8s.io/kubernetes/cmd/kube-scheduler",
		"k8s.io/kubernetes/cmd/kubectl",
		"k8s.io/kubernetes/cmd/kubelet",
	}, versionFlags()},
}

// simulator is what only a simulated cluster needs.
var simulator = program{"kwok", []string{"sigs.k8s.io/kwok/cmd/kwok"}, "-s -w"}

// The file system of the task image. Metaflow itself comes with the code package,
// and calls `python`.
var imagePackages = []string{"python3", "python-is-python3", "python3-requests", "python3-boto3", "ca-certificates"}

// build makes what is not there yet or was made from other versions.
func build(p place) error {
	if err := os.MkdirAll(p.tools, 0o755); err != nil {
		return err
	}
	needed := programs
	if p.simulated {
		needed = append(slices.Clone(programs), simulator)
	}
	for _, b := range needed {
		dir := filepath.Join(p.root, "e2e", "kube", "modules", b.module)
		key := b.ldflags
		for _, file := range []string{"go.mod", "go.sum"} {
			content, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				return err
			}
			key += string(content)
		}
		if err := p.once(b.module, key, func() error { return goBuild(dir, b, p.tools) }); err != nil {
			return err
		}
	}
	if p.simulated {
		return nil
	}
	if _, err := os.Stat(p.s3Server()); err != nil {
		return fmt.Errorf("no S3 server at %s: make cluster-up builds it", p.s3Server())
	}
	return buildImages(p)
}

func goBuild(dir string, b program, out string) error {
	for _, pkg := range b.packages {
		name := filepath.Base(pkg)
		if name == "v3" {
			name = b.module
		}
		build := exec.Command("nice", "-n", "19", "go", "build", "-trimpath", "-ldflags", b.ldflags, "-o", filepath.Join(out, name), pkg)
		build.Dir = dir
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if err := shown(build); err != nil {
			return fmt.Errorf("%s does not build: %w", name, err)
		}
	}
	return nil
}

func buildImages(p place) error {
	source, err := os.ReadFile(filepath.Join(p.root, "e2e", "kube", "pause", "main.go"))
	if err != nil {
		return err
	}
	if err := p.once("pause-image", string(source), func() error {
		build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", p.tool("pause"), "./e2e/kube/pause")
		build.Dir = p.root
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if err := shown(build); err != nil {
			return err
		}
		layer := p.tool("pause-layer.tar")
		defer os.Remove(layer)
		if err := writeLayer(layer, p.tool("pause"), "pause"); err != nil {
			return err
		}
		return writeImage(p.image("pause"), "localhost/pause:1", layer, "/pause")
	}); err != nil {
		return err
	}
	return p.once("task-image", strings.Join(imagePackages, ","), func() error {
		if err := requireCommands("mmdebstrap"); err != nil {
			return err
		}
		layer := p.tool("task-layer.tar")
		defer os.Remove(layer)
		make := exec.Command("nice", "-n", "19", "mmdebstrap", "--quiet", "--variant=minbase", "--skip=output/dev",
			"--include="+strings.Join(imagePackages, ","),
			"--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
			"bookworm", layer)
		if err := shown(make); err != nil {
			return fmt.Errorf("mmdebstrap: %w", err)
		}
		return writeImage(p.image("task"), taskImage, layer)
	})
}

// once calls make unless it succeeded before with the same key.
func (p place) once(name, key string, make func() error) error {
	sum := sha256.Sum256([]byte(key))
	want := hex.EncodeToString(sum[:])
	stamp := p.stamp(name)
	if have, err := os.ReadFile(stamp); err == nil && string(have) == want {
		return nil
	}
	fmt.Printf("  build     %s (once; the Kubernetes programs need some minutes)\n", name)
	began := time.Now()
	if err := make(); err != nil {
		return err
	}
	fmt.Printf("  built     %s in %.0f s\n", name, time.Since(began).Seconds())
	return os.WriteFile(stamp, []byte(want), 0o644)
}

func shown(c *exec.Cmd) error {
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	return c.Run()
}
