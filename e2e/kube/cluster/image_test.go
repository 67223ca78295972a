//go:build linux

package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A runtime refuses an image whose names do not agree with its content.
func TestImageAgreesWithItself(t *testing.T) {
	dir := t.TempDir()
	program, layer, image := filepath.Join(dir, "program"), filepath.Join(dir, "layer.tar"), filepath.Join(dir, "image.tar")
	if err := os.WriteFile(program, []byte("binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeLayer(layer, program, "pause"); err != nil {
		t.Fatal(err)
	}
	if err := writeImage(image, "localhost/pause:1", layer, "/pause"); err != nil {
		t.Fatal(err)
	}
	parts := untar(t, image)
	var manifest []struct {
		Config           string
		RepoTags, Layers []string
	}
	if err := json.Unmarshal(parts["manifest.json"], &manifest); err != nil || len(manifest) != 1 || len(manifest[0].Layers) != 1 {
		t.Fatalf("manifest %s: %v", parts["manifest.json"], err)
	}
	var config struct {
		Config struct{ Entrypoint []string }
		Rootfs struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	if err := json.Unmarshal(parts[manifest[0].Config], &config); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(parts[manifest[0].Layers[0]])
	if want := "sha256:" + hex.EncodeToString(sum[:]); len(config.Rootfs.DiffIDs) != 1 || config.Rootfs.DiffIDs[0] != want {
		t.Errorf("layers %q, want %s", config.Rootfs.DiffIDs, want)
	}
	if manifest[0].RepoTags[0] != "localhost/pause:1" || config.Config.Entrypoint[0] != "/pause" {
		t.Errorf("reference %q, entry point %q", manifest[0].RepoTags, config.Config.Entrypoint)
	}
	if got := untar(t, layer); string(got["pause"]) != "binary" {
		t.Errorf("layer holds %q", got)
	}
}

func untar(t *testing.T, path string) map[string][]byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for archive := tar.NewReader(bytes.NewReader(content)); ; {
		header, err := archive.Next()
		if err == io.EOF {
			return parts
		} else if err != nil {
			t.Fatal(err)
		}
		if parts[header.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}
