package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A setting is looked for where Metaflow looks, in the same order.
func TestSetting(t *testing.T) {
	const name = "METAFLOW_DATASTORE_SYSROOT_S3"
	project, home := t.TempDir(), t.TempDir()
	below := filepath.Join(project, "a", "b")
	write := func(path, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"METAFLOW_HOME": home}
	check := func(want string) {
		t.Helper()
		if got := Setting(below, func(k string) string { return env[k] }, name); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	check("")
	write(filepath.Join(home, "config.json"), `{"METAFLOW_DATASTORE_SYSROOT_S3": "s3://home"}`)
	check("s3://home")
	write(filepath.Join(home, "config_work.json"), `{"METAFLOW_DATASTORE_SYSROOT_S3": "s3://profile"}`)
	env["METAFLOW_PROFILE"] = "work"
	check("s3://profile")
	write(filepath.Join(project, ".metaflow", "config.json"), `{"METAFLOW_DATASTORE_SYSROOT_S3": "s3://project"}`)
	check("s3://project")
	write(filepath.Join(project, ".metaflow", "config.json"), `{"METAFLOW_DATASTORE_SYSROOT_S3": `)
	check("s3://profile")
	env[name] = "s3://environment"
	check("s3://environment")
}
