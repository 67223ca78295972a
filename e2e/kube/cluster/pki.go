//go:build linux

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority signs what the cluster needs. It lives as long as one cluster: its
// key is never written.
type authority struct {
	dir     string
	apiPort int
	cert    *x509.Certificate
	key     *ecdsa.PrivateKey
}

// identity is one certificate of the cluster, for clients and servers alike.
type identity struct {
	file, user, group string
	hosts             []string
	kubeconfig        bool
}

// watcher is what flowls is on a simulated cluster, which writes down its requests.
const watcher = "watcher"

var identities = []identity{
	{file: "apiserver", user: "kube-apiserver", hosts: []string{"127.0.0.1", nodeIP, "10.96.0.1", "localhost", "kubernetes.default.svc"}},
	{file: "apiserver-kubelet-client", user: "kube-apiserver-kubelet-client", group: "system:masters"},
	{file: "kubelet-server", user: "system:node:" + nodeName, group: "system:nodes", hosts: []string{nodeIP, "127.0.0.1", nodeName}},
	{file: "kubelet", user: "system:node:" + nodeName, group: "system:nodes", kubeconfig: true},
	{file: "controller-manager", user: "system:kube-controller-manager", kubeconfig: true},
	{file: "scheduler", user: "system:kube-scheduler", kubeconfig: true},
	{file: "admin", user: "admin", group: "system:masters", kubeconfig: true},
	{file: "kwok", user: "kwok", group: "system:masters", kubeconfig: true},
	{file: watcher, user: watcher, group: "system:masters", kubeconfig: true},
}

// makePKI writes every key, certificate and kubeconfig of the cluster into dir.
func makePKI(dir string, apiPort int) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	a, err := newAuthority(dir, apiPort)
	if err != nil {
		return err
	}
	for _, id := range identities {
		if err := a.issue(id); err != nil {
			return fmt.Errorf("certificate of %s: %w", id.file, err)
		}
	}
	return a.serviceAccountKey()
}

func newAuthority(dir string, apiPort int) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := validity(&x509.Certificate{
		Subject:               pkix.Name{CommonName: "flowls test cluster"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	})
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{dir, apiPort, cert, key}, writePEM(filepath.Join(dir, "ca.crt"), "CERTIFICATE", der)
}

func validity(c *x509.Certificate) *x509.Certificate {
	c.SerialNumber, _ = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // crypto/rand never fails
	c.NotBefore = time.Now().Add(-time.Hour)
	c.NotAfter = time.Now().AddDate(0, 1, 0)
	return c
}

func (a *authority) issue(id identity) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := validity(&x509.Certificate{
		Subject:     pkix.Name{CommonName: id.user},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	})
	if id.group != "" {
		template.Subject.Organization = []string{id.group}
	}
	for _, host := range id.hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return err
	}
	path := filepath.Join(a.dir, id.file)
	if err := writePEM(path+".crt", "CERTIFICATE", der); err != nil {
		return err
	}
	if err := writeKey(path+".key", key); err != nil {
		return err
	}
	if !id.kubeconfig {
		return nil
	}
	return writeKubeconfig(path, a.apiPort)
}

// serviceAccountKey writes the pair that signs and verifies the tokens of pods.
func (a *authority) serviceAccountKey() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(a.dir, "sa.pub"), "PUBLIC KEY", public); err != nil {
		return err
	}
	return writeKey(filepath.Join(a.dir, "sa.key"), key)
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

// writeKubeconfig packs path.crt and path.key into path.kubeconfig, which refers
// to no other file.
func writeKubeconfig(path string, apiPort int) error {
	var encoded [3]string
	for i, file := range []string{filepath.Join(filepath.Dir(path), "ca.crt"), path + ".crt", path + ".key"} {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		encoded[i] = base64.StdEncoding.EncodeToString(content)
	}
	return os.WriteFile(path+".kubeconfig", fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: flowls-test
contexts:
- name: flowls-test
  context: {cluster: flowls-test, user: flowls-test}
clusters:
- name: flowls-test
  cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}
users:
- name: flowls-test
  user: {client-certificate-data: %s, client-key-data: %s}
`, apiPort, encoded[0], encoded[1], encoded[2]), 0o600)
}
