package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Settings are what the user chooses. The struct is the source of the VS Code
// extension's configuration and of docs/settings.md (tools/gendocs): the name
// is the json tag, the text is the doc tag, the value of defaultSettings the default.
type Settings struct {
	Trusted     bool               `json:"trusted" scope:"client" doc:"Whether the user trusts this workspace: run commands are refused otherwise. The VS Code extension passes the editor's workspace trust; in other editors set it in the initialization options."`
	Interpreter string             `json:"interpreter" scope:"machine" doc:"Python interpreter that runs flows, as an absolute path. Empty: in VS Code the environment chosen in the Python extension; else an active environment, '.venv' or 'venv' in or above the flow's folder, or 'python3' on the PATH, looked for when a flow is run."`
	Select      ruleList           `json:"select" scope:"window" schema:"{\"type\": \"string\"}" doc:"Report only these rules: codes, beginnings of codes ('MF2') or names. Empty: all. Comes before 'select' and 'ignore' in pyproject.toml."`
	Ignore      ruleList           `json:"ignore" scope:"window" schema:"{\"type\": \"string\"}" doc:"Do not report these rules: codes, beginnings of codes or names."`
	Severity    severityByRule     `json:"severity" scope:"window" schema:"{\"enum\": [\"error\", \"warning\", \"info\", \"hint\"]}" doc:"Severity of findings by code, beginning of codes or name of a rule: 'error', 'warning', 'info' or 'hint'. Comes before 'severity' in pyproject.toml."`
	InlayHints  InlayHintsSettings `json:"inlayHints"`
	CodeLens    CodeLensSettings   `json:"codeLens"`
	Kubernetes  KubernetesSettings `json:"kubernetes"`
}

// InlayHintsSettings are the settings under inlayHints.
type InlayHintsSettings struct {
	Enabled bool `json:"enabled" scope:"window" doc:"Show what the last run put into each 'self.x' beside its assignment."`
}

// CodeLensSettings are the settings under codeLens.
type CodeLensSettings struct {
	Enabled bool `json:"enabled" scope:"window" doc:"Show run commands and their state above flows and steps."`
}

// KubernetesSettings are the settings under kubernetes. A file of the workspace
// never chooses them (security 7): their scope is the machine.
type KubernetesSettings struct {
	Kubeconfig string `json:"kubeconfig" scope:"machine" doc:"Kubeconfig to use, as an absolute path. Empty: '$KUBECONFIG', else '~/.kube/config', as Metaflow and kubectl do. It is read after a command that needs the cluster, or where 'preflight' is on; never before."`
	Context    string `json:"context" scope:"machine" doc:"Context of the kubeconfig to use. Empty: its current one."`
	Preflight  bool   `json:"preflight" scope:"machine" doc:"Compare decorators with what the cluster has while you type, and complete names from it, in trusted workspaces. Off: only when asked by command."`
}

func defaultSettings() Settings {
	return Settings{Select: ruleList{}, Ignore: ruleList{}, Severity: severityByRule{}, InlayHints: InlayHintsSettings{Enabled: true}, CodeLens: CodeLensSettings{Enabled: true}}
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

// ruleList and severityByRule are read as a whole and anew: earlier snapshots
// share what they held before.
type (
	ruleList       []string
	severityByRule map[string]string
)

func (l *ruleList) UnmarshalJSON(raw []byte) error {
	read := []string{}
	if err := json.Unmarshal(raw, &read); err != nil {
		return err
	}
	*l = read
	return nil
}

func (s *severityByRule) UnmarshalJSON(raw []byte) error {
	read := map[string]string{}
	if !isEmptyTable(raw) {
		if err := json.Unmarshal(raw, &read); err != nil {
			return err
		}
	}
	*s = read
	return nil
}

// sameRules reports whether two settings decide alike about findings.
func (s Settings) sameRules(t Settings) bool {
	return slices.Equal(s.Select, t.Select) && slices.Equal(s.Ignore, t.Ignore) && maps.Equal(s.Severity, t.Severity)
}
