package runstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flowls/runner/pickle"
	"flowls/runner/preview"
	"flowls/runner/store"
)

// Budget bounds what describing a value may cost. What it does not reach is
// left out, and the description says that it is partial.
type Budget struct {
	Time  time.Duration // 0: none
	Bytes int64         // of the pickle; 0: all. Raw blobs are skipped through for nothing.
	// Progress is told how much of the pickle was read; may be nil.
	Progress func(read int64)
}

var (
	// Glance is for many values at once.
	Glance = Budget{Time: 15 * time.Millisecond, Bytes: 2 << 20}
	// Quick is for one value that someone looks at.
	Quick = Budget{Time: 45 * time.Millisecond, Bytes: 64 << 20}
	// Whole is for one that someone waits for.
	Whole = Budget{}
)

// For is the budget for a value in a store: what has to be fetched takes longer,
// and less of it comes in the same time.
func (b Budget) For(files store.Files) Budget {
	if _, here := files.(store.Local); here {
		return b
	}
	switch {
	case b.Time == Glance.Time:
		b.Time, b.Bytes = time.Second, 512<<10
	case b.Time == Quick.Time:
		b.Time, b.Bytes = 3*time.Second, 8<<20
	}
	return b
}

// Describe tells what an artifact is, from the data store of the run.
func (r *Reader) Describe(ctx context.Context, flow string, a Artifact, b Budget) (*preview.Description, error) {
	files, err := r.files(a.Store)
	if err != nil {
		return nil, err
	}
	return DescribeBlob(ctx, store.Blobs{Files: files, Flow: flow}, a, b)
}

// DescribeBlob is Describe for any data store.
func DescribeBlob(ctx context.Context, blobs store.Blobs, a Artifact, b Budget) (*preview.Description, error) {
	unread := &preview.Description{Kind: preview.Opaque}
	unread.Known(a.Type)
	if !pickled(a) {
		return unread, nil
	}
	start := time.Now()
	blob, err := blobs.Open(ctx, a.SHA)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	limits := pickle.StreamLimits{Windows: preview.Windows, Progress: b.Progress, Bytes: b.Bytes}
	if b.Time > 0 {
		limits.Deadline = start.Add(b.Time)
	}
	v, err := pickle.Stream(ctx, source{blob}, limits)
	if errors.Is(err, pickle.ErrLimit) { // nothing of it fits
		unread.Partial = true
		return unread, nil
	}
	if err != nil {
		return nil, fmt.Errorf("value %s: %w", a.SHA, err)
	}
	d := preview.Describe(v.Value)
	d.Known(a.Type)
	if !v.Complete {
		d.Cut(v.Read)
	}
	return d, nil
}

// source is a blob as the pickle reader wants it.
type source struct{ *store.Blob }

func (s source) Seeks() bool { return s.Raw }
