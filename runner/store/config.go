package store

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// Setting looks a setting of Metaflow up as Metaflow does when it is started in
// dir: environment, .metaflow/config.json upward from there, the user's
// configuration. name is METAFLOW_…; "" if it is set nowhere.
func Setting(dir string, getenv func(string) string, name string) string {
	if v := getenv(name); v != "" {
		return v
	}
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		folder := filepath.Join(at, ".metaflow")
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			if v := settingOf(filepath.Join(folder, "config.json"), name); v != "" {
				return v
			}
			break
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	home := getenv("METAFLOW_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		home = filepath.Join(user, ".metaflowconfig")
	}
	file := "config.json"
	if profile := getenv("METAFLOW_PROFILE"); profile != "" {
		file = "config_" + profile + ".json"
	}
	return settingOf(filepath.Join(home, file), name)
}

// settingOf is a text in a JSON file; one that cannot be read has none.
func settingOf(path, name string) string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return ""
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	var all map[string]any
	if json.Unmarshal(data, &all) != nil {
		return ""
	}
	v, _ := all[name].(string)
	return v
}
