package s3

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestReachable(t *testing.T) {
	s := open(t)
	if err := s.Reachable(t.Context()); err != nil {
		t.Errorf("%v", err)
	}
	endpoint := aws.ToString(s.client.Options().BaseEndpoint)
	s.bucket = "missing"
	if err := s.Reachable(t.Context()); err == nil || !strings.Contains(err.Error(), `no bucket "missing"`) {
		t.Errorf("no bucket: %v", err)
	}
	at := func(endpoint string) error {
		other, err := New(t.Context(), Options{Root: "s3://flows/x", Endpoint: endpoint})
		if err != nil {
			t.Fatal(err)
		}
		return other.Reachable(t.Context())
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	if err := at(endpoint); err == nil || err.Error() != "s3://flows/x: access denied: check the credentials of AWS and the rights on the bucket" {
		t.Errorf("wrong secret: %v", err)
	}
	if err := at("http://127.0.0.1:1"); err == nil || !strings.HasPrefix(err.Error(), "s3://flows/x cannot be reached: ") {
		t.Errorf("no server: %v", err)
	}
}
