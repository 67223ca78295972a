// Package s3 reads a data store of Metaflow in a bucket of S3, or of a server
// that speaks like it. It opens sockets: the command line and the agent use it,
// the language server never does.
package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"flowls/runner/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// Store is a data store below s3://bucket/prefix.
type Store struct {
	client         *s3.Client
	bucket, prefix string
	page           int32 // names of one answer to a listing; 0: the server's default
}

// Options say where the bucket is. Region and credentials are found as the AWS
// SDK finds them: environment, shared files, web identity, the machine's role.
type Options struct {
	Root     string // METAFLOW_DATASTORE_SYSROOT_S3: s3://bucket/prefix
	Endpoint string // METAFLOW_S3_ENDPOINT_URL; empty means that of AWS
}

// New opens no connection yet.
func New(ctx context.Context, o Options) (*Store, error) {
	where, ok := strings.CutPrefix(o.Root, "s3://")
	bucket, prefix, _ := strings.Cut(where, "/")
	if !ok || bucket == "" {
		return nil, fmt.Errorf("%q is no place in S3: set METAFLOW_DATASTORE_SYSROOT_S3 to s3://BUCKET/PREFIX", o.Root)
	}
	c, err := config.LoadDefaultConfig(ctx, config.WithRetryer(func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 3, 2*time.Second })
	}))
	if err != nil {
		return nil, fmt.Errorf("the configuration of AWS cannot be read: %w", err)
	}
	if c.Region == "" {
		c.Region = "us-east-1" // what boto3 takes as well
	}
	client := s3.NewFromConfig(c, func(s *s3.Options) {
		s.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired // parts of objects have none
		if o.Endpoint != "" {
			s.BaseEndpoint = aws.String(o.Endpoint)
			s.UsePathStyle = true // a server of one's own has no names for buckets
		}
	})
	return &Store{client: client, bucket: bucket, prefix: strings.Trim(prefix, "/")}, nil
}

// Location is where the store is.
func (s *Store) Location() string { return "s3://" + path.Join(s.bucket, s.prefix) }

func (s *Store) key(name string) (string, error) {
	if name == "" || !fs.ValidPath(name) {
		return "", fmt.Errorf("%q is not a name in a data store", name)
	}
	return path.Join(s.prefix, name), nil
}

// attributes are what Metaflow notes beside a blob, as metadata of the object.
const attributes = "metaflow-user-attributes"

// Stat is that of store.Files.
func (s *Store) Stat(ctx context.Context, name string) (store.Info, error) {
	key, err := s.key(name)
	if err != nil {
		return store.Info{}, err
	}
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: &key})
	if err != nil {
		return store.Info{}, s.explain(name, err)
	}
	return info(out.ContentLength, out.LastModified, out.Metadata), nil
}

func info(size *int64, modified *time.Time, metadata map[string]string) store.Info {
	i := store.Info{Size: aws.ToInt64(size), Modified: aws.ToTime(modified)}
	for k, v := range metadata { // servers differ in the case of names
		if strings.EqualFold(k, attributes) {
			i.Attributes = []byte(v)
		}
	}
	return i
}

// Open is that of store.Files.
func (s *Store) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, store.Info, error) {
	key, err := s.key(name)
	if err != nil {
		return nil, store.Info{}, err
	}
	in := &s3.GetObjectInput{Bucket: &s.bucket, Key: &key}
	if offset > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	out, err := s.client.GetObject(ctx, in)
	if err != nil {
		return nil, store.Info{}, s.explain(name, err)
	}
	i := info(out.ContentLength, out.LastModified, out.Metadata)
	i.Size += offset // the length is that of the rest
	return out.Body, i, nil
}

// ReadRange is that of store.Ranger.
func (s *Store) ReadRange(ctx context.Context, name string, offset, length int64) ([]byte, store.Info, error) {
	key, err := s.key(name)
	if err != nil {
		return nil, store.Info{}, err
	}
	if length <= 0 {
		i, err := s.Stat(ctx, name)
		return nil, i, err
	}
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key, Range: aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))})
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "InvalidRange" { // the end, or an empty file
		i, err := s.Stat(ctx, name)
		return nil, i, err
	}
	if err != nil {
		return nil, store.Info{}, s.explain(name, err)
	}
	defer out.Body.Close()
	i := info(out.ContentLength, out.LastModified, out.Metadata)
	if _, size, ok := strings.Cut(aws.ToString(out.ContentRange), "/"); ok {
		if n, err := strconv.ParseInt(size, 10, 64); err == nil {
			i.Size = n
		}
	}
	data, err := io.ReadAll(io.LimitReader(out.Body, length))
	if err != nil {
		return nil, i, s.explain(name, err)
	}
	return data, i, nil
}

// List is that of store.Files.
func (s *Store) List(ctx context.Context, dir string, yield func(store.Entry) bool) error {
	key, err := s.key(dir)
	if err != nil {
		return err
	}
	prefix := key + "/"
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: &prefix, Delimiter: aws.String("/")}, func(o *s3.ListObjectsV2PaginatorOptions) { o.Limit = s.page })
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return s.explain(dir, err)
		}
		for _, p := range page.CommonPrefixes {
			if !yield(store.Entry{Name: path.Base(aws.ToString(p.Prefix)), Dir: true}) {
				return nil
			}
		}
		for _, o := range page.Contents {
			name := strings.TrimPrefix(aws.ToString(o.Key), prefix)
			if name == "" { // the folder itself, as some tools make it
				continue
			}
			if !yield(store.Entry{Name: name, Info: info(o.Size, o.LastModified, nil)}) {
				return nil
			}
		}
	}
	return nil
}

// explain says what is wrong in the user's terms.
func (s *Store) explain(name string, err error) error {
	where := s.Location() + "/" + name
	var status interface{ HTTPStatusCode() int }
	var api smithy.APIError
	code := ""
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	_, noKey := errors.AsType[*types.NoSuchKey](err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case noKey, code == "NotFound":
		return fmt.Errorf("%s: %w", where, fs.ErrNotExist)
	case code == "NoSuchBucket":
		return fmt.Errorf("there is no bucket %q: check METAFLOW_DATASTORE_SYSROOT_S3", s.bucket)
	case code == "PermanentRedirect" || code == "AuthorizationHeaderMalformed":
		return fmt.Errorf("bucket %q is in another region: set AWS_REGION", s.bucket)
	case errors.As(err, &status) && status.HTTPStatusCode() == http.StatusForbidden:
		return fmt.Errorf("%s: access denied (%s): check the credentials of AWS and the rights on the bucket", where, code)
	}
	return fmt.Errorf("%s: %w", where, err)
}
