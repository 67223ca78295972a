package agent

import (
	"context"

	"flowls/runner/store"
	"flowls/runner/store/s3"
)

// Opener opens the data stores that runs may name, as Metaflow started in dir
// would; nil for kinds that are not known.
func Opener(dir string, getenv func(string) string) func(ctx context.Context, kind, root string) (store.Files, error) {
	return func(ctx context.Context, kind, root string) (store.Files, error) {
		if kind != "s3" {
			return nil, nil
		}
		files, err := s3.New(ctx, s3.Options{Root: root, Endpoint: store.Setting(dir, getenv, "METAFLOW_S3_ENDPOINT_URL")})
		if err != nil {
			return nil, err
		}
		return files, nil
	}
}
