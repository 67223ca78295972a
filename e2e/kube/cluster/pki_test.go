//go:build linux

package main

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
)

func TestCertificates(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	if err := makePKI(dir, apiPort); err != nil {
		t.Fatal(err)
	}
	read := func(file string) *x509.Certificate {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(content)
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		return cert
	}
	roots := x509.NewCertPool()
	roots.AddCert(read("ca.crt"))
	for _, id := range identities {
		cert := read(id.file + ".crt")
		if _, err := cert.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
			t.Errorf("%s: %v", id.file, err)
		}
		for _, host := range id.hosts {
			if err := cert.VerifyHostname(host); err != nil {
				t.Errorf("%s: %v", id.file, err)
			}
		}
		if info, err := os.Stat(filepath.Join(dir, id.file+".key")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s.key: mode %v, %v", id.file, info, err)
		}
	}
	if _, err := newAPI(dir, apiPort); err != nil {
		t.Errorf("the pair of admin does not load: %v", err)
	}
}
