package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
)

// Config is where the metadata service is and what it wants to be told.
type Config struct {
	URL     *url.URL
	Headers map[string]string // secret: never logged
	Retries int
}

// ErrNotConfigured: no metadata service is named.
var ErrNotConfigured = errors.New("no metadata service is configured: set METAFLOW_SERVICE_URL, or run `metaflow configure`")

const defaultRetries = 5

// maxConfig bounds a configuration file.
const maxConfig = 1 << 20

// Configured reads the settings of the service as Metaflow does when it is
// started in dir: from the environment, the project's .metaflow/config.json, the
// user's configuration in METAFLOW_HOME, of METAFLOW_PROFILE if that is set.
//
// In one thing it is stricter. A project may name a service, and its files may
// come from a stranger: headers and key of the user go only to a service that
// the user named.
func Configured(dir string, getenv func(string) string) (Config, error) {
	user, err := userConfig(getenv)
	if err != nil {
		return Config{}, err
	}
	project, err := projectConfig(dir)
	if err != nil {
		return Config{}, err
	}
	env := func(name string) (any, bool) { v := getenv(name); return v, v != "" }
	layers := []func(string) (any, bool){env, project.get, user.get}
	lookup := func(name string) any {
		for _, layer := range layers {
			if v, ok := layer(name); ok {
				return v
			}
		}
		return nil
	}
	address, _ := lookup("METAFLOW_SERVICE_URL").(string)
	if address == "" {
		return Config{}, ErrNotConfigured
	}
	c := Config{Retries: defaultRetries, Headers: map[string]string{}}
	if c.URL, err = url.Parse(address); err != nil || c.URL.Host == "" || c.URL.Scheme != "http" && c.URL.Scheme != "https" {
		return Config{}, errors.New("METAFLOW_SERVICE_URL is no address of a service: it has to begin with http:// or https://")
	}
	if getenv("METAFLOW_SERVICE_URL") == "" {
		if _, named := project.get("METAFLOW_SERVICE_URL"); named {
			layers = []func(string) (any, bool){env, project.get}
		}
	}
	if err := c.setHeaders(lookup("METAFLOW_SERVICE_HEADERS"), lookup("METAFLOW_SERVICE_AUTH_KEY")); err != nil {
		return Config{}, err
	}
	if n, err := strconv.Atoi(fmt.Sprint(lookup("METAFLOW_SERVICE_RETRY_COUNT"))); err == nil && n > 0 && n <= 20 {
		c.Retries = n
	}
	return c, nil
}

func (c *Config) setHeaders(headers, key any) error {
	switch h := headers.(type) {
	case string:
		if err := json.Unmarshal([]byte(h), &c.Headers); err != nil {
			return errors.New("METAFLOW_SERVICE_HEADERS is no JSON object of texts")
		}
	case map[string]any:
		for name, value := range h {
			c.Headers[name] = fmt.Sprint(value)
		}
	}
	if k, ok := key.(string); ok && k != "" {
		c.Headers["x-api-key"] = k
	}
	return nil
}

type settings map[string]any

func (s settings) get(name string) (any, bool) { v, ok := s[name]; return v, ok && v != nil }

func userConfig(getenv func(string) string) (settings, error) {
	home := getenv("METAFLOW_HOME")
	if home == "" {
		home = filepath.Join(getenv("HOME"), ".metaflowconfig")
	}
	profile := getenv("METAFLOW_PROFILE")
	if profile == "" {
		return readSettings(filepath.Join(home, "config.json"))
	}
	path := filepath.Join(home, "config_"+profile+".json")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("METAFLOW_PROFILE is %s, and %s does not exist", profile, path)
	}
	return readSettings(path)
}

// projectConfig is that of the nearest .metaflow from dir upward.
func projectConfig(dir string) (settings, error) {
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		folder := filepath.Join(at, ".metaflow")
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			return readSettings(filepath.Join(folder, "config.json"))
		}
		if at == filepath.Dir(at) {
			return nil, nil
		}
	}
}

func readSettings(path string) (settings, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxConfig {
		return nil, fmt.Errorf("%s is no configuration of Metaflow", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var s settings
	if json.Unmarshal(data, &s) != nil { // its text may hold a key: not quoted
		return nil, fmt.Errorf("%s is not valid JSON", path)
	}
	return s, nil
}
