package server

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Settings are what the user chooses. The struct is the source of the VS Code
// extension's configuration and of docs/settings.md (tools/gendocs): the name
// is the json tag, the text is the doc tag, the value of defaultSettings the default.
type Settings struct {
	Trusted     bool               `json:"trusted" scope:"client" doc:"Whether the user trusts this workspace: run commands are refused otherwise. The VS Code extension passes the editor's workspace trust; in other editors set it in the initialization options."`
	Interpreter string             `json:"interpreter" scope:"machine" doc:"Python interpreter that runs flows, as an absolute path. Empty: in VS Code the environment chosen in the Python extension; else an active environment, '.venv' or 'venv' in or above the flow's folder, or 'python3' on the PATH, looked for when a flow is run."`
	InlayHints  InlayHintsSettings `json:"inlayHints"`
	CodeLens    CodeLensSettings   `json:"codeLens"`
}

// InlayHintsSettings are the settings under inlayHints.
type InlayHintsSettings struct {
	Enabled bool `json:"enabled" scope:"window" doc:"Show what the last run put into each 'self.x' beside its assignment."`
}

// CodeLensSettings are the settings under codeLens.
type CodeLensSettings struct {
	Enabled bool `json:"enabled" scope:"window" doc:"Show run commands and their state above flows and steps."`
}

func defaultSettings() Settings {
	return Settings{InlayHints: InlayHintsSettings{Enabled: true}, CodeLens: CodeLensSettings{Enabled: true}}
}

// merge sets what raw says and keeps the rest. Raw is the JSON object of the
// settings themselves; null and nothing change nothing, unknown members are ignored.
// On an error the settings are unchanged.
func (s Settings) merge(raw []byte) (Settings, error) {
	if isEmptyTable(raw) {
		return s, nil
	}
	merged := s
	if err := json.Unmarshal(raw, &merged); err != nil {
		return s, fmt.Errorf("settings are not understood: %w", err)
	}
	return merged, nil
}

// isEmptyTable: [] is how Lua writes an empty table.
func isEmptyTable(raw []byte) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "[]":
		return true
	}
	return false
}
