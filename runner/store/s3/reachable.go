package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Reachable asks for the bucket. Who may not ask that, but list below the prefix,
// reaches it too.
func (s *Store) Reachable(ctx context.Context) error {
	_, err := s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &s.bucket})
	if err == nil {
		return nil
	}
	if statusOf(err) == http.StatusNotFound {
		return fmt.Errorf("there is no bucket %q: check METAFLOW_DATASTORE_SYSROOT_S3", s.bucket)
	}
	if statusOf(err) == http.StatusForbidden {
		_, listed := s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: aws.String(s.prefix + "/"), MaxKeys: aws.Int32(1)})
		if listed == nil {
			return nil
		}
		return fmt.Errorf("%s: access denied: check the credentials of AWS and the rights on the bucket", s.Location())
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s does not answer: check METAFLOW_S3_ENDPOINT_URL and the network", s.Location())
	}
	return fmt.Errorf("%s cannot be reached: %w", s.Location(), err)
}

func statusOf(err error) int {
	var status interface{ HTTPStatusCode() int }
	if errors.As(err, &status) {
		return status.HTTPStatusCode()
	}
	return 0
}
