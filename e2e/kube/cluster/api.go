//go:build linux

package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// api asks the API server the few questions that starting a cluster needs.
type api struct {
	client *http.Client
	url    string
}

func newAPI(pki string, port int) (*api, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(pki, "admin.crt"), filepath.Join(pki, "admin.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(pki, "ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	return &api{&http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots}},
	}, fmt.Sprintf("https://127.0.0.1:%d", port)}, nil
}

func (a *api) do(method, path string, body, answer any) error {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, a.url+path, content)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

func (a *api) ready() error { return a.do(http.MethodGet, "/readyz", nil, nil) }

func (a *api) has(path string) func() error {
	return func() error { return a.do(http.MethodGet, path, nil, nil) }
}

func (a *api) create(path string, object any) error { return a.do(http.MethodPost, path, object, nil) }

// nodeReady wants the node ready and free of the taint that keeps pods away until
// the controllers have seen it so.
func (a *api) nodeReady() error {
	var node struct {
		Spec   struct{ Taints []struct{ Key string } }
		Status struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
	if err := a.do(http.MethodGet, "/api/v1/nodes/"+nodeName, nil, &node); err != nil {
		return err
	}
	for _, condition := range node.Status.Conditions {
		switch {
		case condition.Type != "Ready":
		case condition.Status != "True":
			return errors.New(condition.Message)
		case len(node.Spec.Taints) > 0:
			return fmt.Errorf("taint %s", node.Spec.Taints[0].Key)
		default:
			return nil
		}
	}
	return errors.New("the node reports nothing yet")
}
