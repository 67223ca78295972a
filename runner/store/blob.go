package store

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Blobs are the values of the artifacts of one flow, by their key: the SHA-1 of
// the pickled value.
type Blobs struct {
	Files Files
	Flow  string
}

// NewLocal are the blobs of a flow below a .metaflow or .metaflow_spin folder.
func NewLocal(root, flow string) Blobs { return Blobs{Local{root}, flow} }

// Blob is one value, read from its beginning to its end, uncompressed.
type Blob struct {
	// Stored is its size in the store.
	Stored int64
	// Raw: stored as it is, so that Stored is its size, and Skip costs nothing.
	Raw bool

	b    Blobs
	ctx  context.Context
	key  string
	file io.ReadCloser
	r    io.Reader
	at   int64 // of a raw blob
}

// attributes are what Metaflow notes beside a blob.
type attributes struct {
	Raw     bool `json:"cas_raw"`
	Version *int `json:"cas_version"`
}

// Open opens a blob. Reading fails once ctx is done.
func (b Blobs) Open(ctx context.Context, key string) (*Blob, error) {
	if !validKey(key) {
		return nil, fmt.Errorf("%q is not the key of a value", key)
	}
	file, info, err := b.Files.Open(ctx, b.name(key), 0)
	if err != nil {
		return nil, err
	}
	blob := &Blob{Stored: info.Size, b: b, ctx: ctx, key: key, file: file, r: file}
	if err := blob.begin(info.Attributes); err != nil {
		return nil, errors.Join(fmt.Errorf("value %s: %w", key, err), file.Close())
	}
	return blob, nil
}

func (b Blobs) name(key string) string { return b.Flow + "/data/" + key[:2] + "/" + key }

func (b *Blob) begin(noted []byte) error {
	var a attributes // without any, blobs are compressed
	if noted != nil {
		if err := json.Unmarshal(noted, &a); err != nil {
			return fmt.Errorf("what is noted beside it is not JSON: %w", err)
		}
	}
	if a.Version != nil && *a.Version != 1 {
		return fmt.Errorf("version %d of the data store is not known", *a.Version)
	}
	if b.Raw = a.Raw; a.Raw {
		return nil
	}
	z, err := gzip.NewReader(b.file)
	if err == nil {
		b.r = z
	}
	return err
}

// Read reads on.
func (b *Blob) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.at += int64(n)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("value %s: %w", b.key, err)
	}
	return n, err
}

// reopenFrom is how many bytes are read and dropped rather than asked for anew.
const reopenFrom = 1 << 20

// Skip moves on by n bytes without handing them out, and by fewer only with an
// error. In a compressed blob it costs as much as reading.
func (b *Blob) Skip(n int64) error {
	if b.Raw && n > b.Stored-b.at {
		return io.ErrUnexpectedEOF
	}
	if s, ok := b.file.(io.Seeker); ok && b.Raw {
		_, err := s.Seek(n, io.SeekCurrent)
		b.at += n
		return err
	}
	if b.Raw && n > reopenFrom {
		file, _, err := b.b.Files.Open(b.ctx, b.b.name(b.key), b.at+n)
		if err != nil {
			return err
		}
		err = b.file.Close()
		b.file, b.r, b.at = file, file, b.at+n
		return err
	}
	_, err := io.CopyN(io.Discard, b, n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Close ends the reading.
func (b *Blob) Close() error { return b.file.Close() }

// Read reads a whole blob. Neither the file nor what comes out of it may
// exceed limit bytes; a bomb stops there.
func (b Blobs) Read(ctx context.Context, key string, limit int64) ([]byte, error) {
	blob, err := b.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	if blob.Stored > limit+1024 { // compression may add a little to small values
		return nil, fmt.Errorf("value %s: %w", key, ErrTooLarge)
	}
	data, err := io.ReadAll(io.LimitReader(blob, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("value %s: %w", key, ErrTooLarge)
	}
	return data, nil
}

// validKey keeps a key from leaving the store: 40 hexadecimal digits (SHA-1).
func validKey(key string) bool {
	return len(key) == 40 && strings.Trim(key, "0123456789abcdef") == ""
}
