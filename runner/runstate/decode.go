package runstate

import (
	"context"

	"flowls/runner/pickle"
)

// Below: what a source needs that gets blobs from elsewhere than a folder.

// DecodeGraph reads the pickled artifact _graph_info; nil if it is none.
func DecodeGraph(ctx context.Context, pickled []byte) *Graph {
	v, err := pickle.Read(ctx, pickled, pickle.Limits{})
	if err != nil {
		return nil
	}
	return decodeGraph(v)
}

// DecodeException reads the pickled artifact _exception; nil if it is none.
func DecodeException(ctx context.Context, pickled []byte) *Exception {
	v, err := pickle.Read(ctx, pickled, pickle.Limits{})
	if err != nil {
		return nil
	}
	return decodeException(v)
}

// DecodeCount reads a pickled number of splits, 0 if it is none.
func DecodeCount(ctx context.Context, pickled []byte) int {
	v, err := pickle.Read(ctx, pickled, pickle.Limits{})
	if n, ok := v.(int64); err == nil && ok && n > 0 && n < 1<<31 {
		return int(n)
	}
	return 0
}

// IsFalse tells of an artifact's hash whether the value is False.
func IsFalse(sha string) bool { return falseKeys[sha] }

// Internal artifacts are Metaflow's own.
func Internal(name string) bool { return internal(name) }

// MaxInternal bounds what is read of a blob that holds something of Metaflow's own.
const MaxInternal = maxInternal
