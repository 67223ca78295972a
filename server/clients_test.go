package server_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"flowls/server/fakeeditor"
)

// given says how a user of each editor gives a command of the server: by a
// command of the palette, and by a subcommand of :Flowls.
type given struct{ palette, subcommand string }

var reachable = map[string]given{
	"flowls.run":               {"runFlow", "run"},
	"flowls.runWithParameters": {"runFlowWithParameters", "values"},
	"flowls.runStep":           {"runStep", "step"},
	"flowls.runTask":           {"runTask", "task"},
	"flowls.resume":            {"resume", "resume"},
	"flowls.rerunFailed":       {"rerunFailed", "rerun"},
	"flowls.withOptions":       {"resumeWithOptions", "with"},
	"flowls.launch":            {"launch", "launch"},
	"flowls.chooseLaunch":      {"launch", "launch"},
	"flowls.stop":              {"stop", "stop"},
	"flowls.stopAll":           {"stopAll", "stopall"},
	"flowls.commandLine":       {"copyCommandLine", "yank"},
	"flowls.showLog":           {"showLog", "log"},
	"flowls.showCard":          {"showCard", "card"},
	"flowls.showArtifact":      {"showArtifact", "artifact"},
	"flowls.exportArtifact":    {"exportArtifact", "export"},
	"flowls.showGraph":         {"showGraph", "graph"},
	"flowls.chooseRun":         {"chooseRun", "choose"},
	"flowls.selectRun":         {"chooseRun", "choose"},
	"flowls.diffRuns":          {"diffRuns", "diff"},
	"flowls.clearFailures":     {"clearFailures", "clear"},
	"flowls.clearPreflight":    {"clearFailures", "clear"},
	"flowls.preflight":         {"preflight", "preflight"},
	"flowls.showRemoteRuns":    {"showRemoteRuns", "remote"},
	"flowls.showRemoteValues":  {"showRemoteValues", "s3"},
	"flowls.watchKubernetes":   {"watchKubernetes", "follow"},
	"flowls.cleanUp":           {"cleanUp", "cleanup"},
	"flowls.shell":             {"shell", "shell"},
	"flowls.portForward":       {"portForward", "forward"},
}

// elsewhere are commands that stand at a place in the code only, and why.
var elsewhere = map[string]string{
	"flowls.chooseTask": "of one step in a foreach: by its lens, by the rows of the side bar, and by :Flowls choose STEP",
}

// Nothing that the server can do exists by protocol alone.
func TestEveryCommandIsReachable(t *testing.T) {
	e := fakeeditor.Start(t, fakeeditor.Options{})
	offered := e.Initialized.Capabilities.ExecuteCommandProvider.Commands
	if len(offered) < len(reachable) {
		t.Fatalf("offered: %q", offered)
	}
	for command := range reachable {
		if !slices.Contains(offered, command) {
			t.Errorf("%s is no command any more", command)
		}
	}
	palette, subcommands := paletteCommands(t), subcommands(t)
	for _, command := range offered {
		how, ok := reachable[command]
		switch {
		case !strings.HasPrefix(command, "flowls."): // of tests
		case elsewhere[command] != "" && !ok:
		case !ok:
			t.Errorf("%s: say in this file how VS Code and Neovim give it", command)
		case !slices.Contains(palette, how.palette):
			t.Errorf("%s: the palette of VS Code has no flowls.client.%s", command, how.palette)
		case !slices.Contains(subcommands, how.subcommand):
			t.Errorf("%s: :Flowls has no %s", command, how.subcommand)
		}
	}
	for _, client := range []string{"../extension-vscode/src", "../extension-neovim/lua"} {
		sources := sourcesOf(t, client)
		for _, command := range offered {
			if strings.HasPrefix(command, "flowls.") && !strings.Contains(sources, "'"+command+"'") && !namedByRequest[command] {
				t.Errorf("%s does not name %s", client, command)
			}
		}
	}
}

// namedByRequest are commands for which a client asks a request instead.
var namedByRequest = map[string]bool{"flowls.diffRuns": true}

// paletteCommands are the client's commands that the palette does not hide.
func paletteCommands(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("../extension-vscode/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Contributes struct {
			Commands []struct{ Command string }
			Menus    map[string][]struct{ Command, When string }
		}
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	hidden := manifest.Contributes.Menus["commandPalette"]
	var names []string
	for _, c := range manifest.Contributes.Commands {
		if !slices.ContainsFunc(hidden, func(h struct{ Command, When string }) bool { return h.Command == c.Command && h.When == "false" }) {
			names = append(names, strings.TrimPrefix(c.Command, "flowls.client."))
		}
	}
	return names
}

var subcommandPattern = regexp.MustCompile(`(?m)^(?:function M\.(\w+)\(client, buffer|M\.(\w+) = target\.on_flow\()`)

func subcommands(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, m := range subcommandPattern.FindAllStringSubmatch(sourcesOf(t, "../extension-neovim/lua/flowls/ex"), -1) {
		names = append(names, m[1]+m[2])
	}
	return names
}

func sourcesOf(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
