package store

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// Settings are Metaflow's, as a command started in a folder finds them. They are
// read once: a look at one of them costs nothing.
type Settings struct {
	lookup        func(string) (string, bool) // of the environment
	local, global map[string]any
}

// ReadSettings reads the configuration files that count in dir. lookup is that of
// the environment: there a variable that is set and empty counts too. Files that
// cannot be read say nothing. profile is one chosen for the command, empty for
// that of the environment.
func ReadSettings(dir string, lookup func(string) (string, bool), profile string) Settings {
	s := Settings{lookup: lookup}
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		folder := filepath.Join(at, ".metaflow")
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			s.local = settingsOf(filepath.Join(folder, "config.json"))
			break
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	home, _ := lookup("METAFLOW_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return s
		}
		home = filepath.Join(user, ".metaflowconfig")
	}
	if profile == "" {
		profile, _ = lookup("METAFLOW_PROFILE")
	}
	file := "config.json"
	if profile != "" {
		file = "config_" + profile + ".json"
	}
	s.global = settingsOf(filepath.Join(home, file))
	return s
}

// Value looks up METAFLOW_…: environment, .metaflow/config.json upward from the
// folder, the user's configuration. A file may hold other things than texts.
func (s Settings) Value(name string) (value any, set bool) {
	if v, ok := s.lookup(name); ok {
		return v, true
	}
	for _, file := range []map[string]any{s.local, s.global} {
		if v, ok := file[name]; ok {
			return v, v != nil
		}
	}
	return nil, false
}

// Text is a setting that is a text, "" for any other.
func (s Settings) Text(name string) string {
	v, _ := s.Value(name)
	text, _ := v.(string)
	return text
}

func settingsOf(path string) map[string]any {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var all map[string]any
	if json.Unmarshal(data, &all) != nil {
		return nil
	}
	return all
}
