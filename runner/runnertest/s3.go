package runnertest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// VersityGW is the S3 server of the tests: a real one, on a folder.
const VersityGW = "v1.8.0"

// S3 is a server on this machine with one bucket.
type S3 struct {
	Endpoint, Bucket string
	// Env is what a client needs: endpoint, credentials and region.
	Env []string
	// Dir is the folder of the bucket: what is put there, the server has.
	Dir string
}

// StartS3 starts a server that ends with the test.
func StartS3(t testing.TB) S3 {
	t.Helper()
	binary := versityGW(t)
	root := t.TempDir()
	for _, dir := range []string{"data/flows", "meta"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	address := freeAddress(t)
	// A sidecar holds the metadata: not every file system has attributes for it.
	cmd := exec.Command(binary, "--access", "tester", "--secret", "testsecret", "--port", address, "--quiet", "posix", "--sidecar", filepath.Join(root, "meta"), filepath.Join(root, "data"))
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	for deadline := time.Now().Add(30 * time.Second); ; {
		if c, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			_ = c.Close()
			break
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the S3 server ended: %v\n%s", err, output.Bytes())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("the S3 server does not answer")
		}
	}
	endpoint := "http://" + address
	return S3{Endpoint: endpoint, Bucket: "flows", Dir: filepath.Join(root, "data", "flows"), Env: []string{
		"METAFLOW_S3_ENDPOINT_URL=" + endpoint, "METAFLOW_DATASTORE_SYSROOT_S3=s3://flows/metaflow", "AWS_ACCESS_KEY_ID=tester", "AWS_SECRET_ACCESS_KEY=testsecret",
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + filepath.Join(root, "none"), "AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(root, "none"),
	}}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// versityGW is the server in .tools, built on first use.
func versityGW(t testing.TB) string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(file))), ".tools", "bin")
	binary := filepath.Join(dir, "versitygw-"+VersityGW)
	if _, err := os.Stat(binary); err == nil {
		return binary
	}
	how := fmt.Sprintf("go install github.com/versity/versitygw/cmd/versitygw@%s", VersityGW)
	scratch := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	args := strings.Fields(how)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = scratch // not within this module
	cmd.Env = append(os.Environ(), "GOBIN="+scratch, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("no S3 server for the tests at %s, and `%s` fails: %v\n%s", binary, how, err, out)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := move(filepath.Join(scratch, "versitygw"), binary); err != nil {
		t.Fatal(err)
	}
	return binary
}

// move puts a file in its place at once, also from another file system.
func move(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(to), "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o755)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return os.Rename(f.Name(), to)
}
