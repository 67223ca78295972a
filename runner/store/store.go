// Package store reads blobs of Metaflow's content-addressed local data store,
// with bounds on what is read, whatever the files say.
package store

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ErrTooLarge: the blob is larger than the caller allows.
var ErrTooLarge = errors.New("blob exceeds the size limit")

// Local is the data store of one flow: <root>/<Flow>/data.
type Local struct{ Dir string }

// NewLocal is the store of a flow below a .metaflow or .metaflow_spin directory.
func NewLocal(root, flow string) Local { return Local{filepath.Join(root, flow, "data")} }

// meta is the file <key>_meta beside a blob.
type meta struct {
	Raw     bool `json:"cas_raw"`
	Version *int `json:"cas_version"`
}

// Read reads a blob and undoes its compression. Neither the file nor what
// comes out of it may exceed limit bytes; a bomb stops there.
func (l Local) Read(ctx context.Context, key string, limit int64) ([]byte, error) {
	if !validKey(key) {
		return nil, fmt.Errorf("%q is not a blob key", key)
	}
	path := filepath.Join(l.Dir, key[:2], key)
	raw, err := l.isRaw(path)
	if err != nil {
		return nil, err
	}
	// The kind is looked at before the opening: opening a FIFO would block.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	if info.Size() > limit+1024 { // compression may add a little to small values
		return nil, fmt.Errorf("%s: %w", key, ErrTooLarge)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = contextReader{ctx, f}
	if !raw {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		defer z.Close()
		r = z
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: %w", key, ErrTooLarge)
	}
	return data, nil
}

// isRaw: without a meta file, blobs are compressed.
func (l Local) isRaw(path string) (bool, error) {
	info, err := os.Stat(path + "_meta")
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() || info.Size() > 4096 {
		return false, fmt.Errorf("%s_meta is not what Metaflow writes", path)
	}
	data, err := os.ReadFile(path + "_meta")
	if err != nil {
		return false, err
	}
	var m meta
	if err := json.Unmarshal(data, &m); err != nil {
		return false, fmt.Errorf("%s_meta: %w", path, err)
	}
	if m.Version != nil && *m.Version != 1 {
		return false, fmt.Errorf("%s_meta: version %d of the store is not known", path, *m.Version)
	}
	return m.Raw, nil
}

// validKey keeps a key from leaving the store: 40 hexadecimal digits (SHA-1).
func validKey(key string) bool {
	return len(key) == 40 && strings.Trim(key, "0123456789abcdef") == ""
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
