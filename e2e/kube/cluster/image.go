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
	"runtime"
	"time"
)

// writeImage packs one layer, an uncompressed tar, as an archive that a container
// runtime imports as image ref: the form that `docker save` writes. No registry,
// no daemon.
func writeImage(out, ref, layer string, entrypoint ...string) error {
	in, err := os.Open(layer)
	if err != nil {
		return err
	}
	defer in.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, in)
	if err != nil {
		return err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config": map[string]any{
			"Env":        []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
			"WorkingDir": "/",
			"Entrypoint": entrypoint,
		},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(hash.Sum(nil))}},
	})
	if err != nil {
		return err
	}
	sum := sha256.Sum256(config)
	configName := hex.EncodeToString(sum[:]) + ".json"
	manifest, err := json.Marshal([]map[string]any{{"Config": configName, "RepoTags": []string{ref}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		return err
	}
	return replace(out, func(file io.Writer) error {
		archive := tar.NewWriter(file)
		for _, part := range []struct {
			name string
			size int64
			from io.Reader
		}{
			{"manifest.json", int64(len(manifest)), bytes.NewReader(manifest)},
			{configName, int64(len(config)), bytes.NewReader(config)},
			{"layer.tar", size, in},
		} {
			if err := archive.WriteHeader(&tar.Header{Name: part.name, Size: part.size, Mode: 0o644, ModTime: time.Unix(0, 0)}); err != nil {
				return err
			}
			if _, err := io.Copy(archive, part.from); err != nil {
				return err
			}
		}
		return archive.Close()
	})
}

// writeLayer makes a layer that holds one program.
func writeLayer(out, program, name string) error {
	content, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	return replace(out, func(file io.Writer) error {
		layer := tar.NewWriter(file)
		if err := layer.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o755, ModTime: time.Unix(0, 0)}); err != nil {
			return err
		}
		if _, err := layer.Write(content); err != nil {
			return err
		}
		return layer.Close()
	})
}

// replace writes a file whole or not at all.
func replace(path string, write func(io.Writer) error) error {
	file, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
