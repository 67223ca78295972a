package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"flowls/analysis/catalog"

	"github.com/spf13/cobra"
)

// versionReport is `flowls version --format json`.
type versionReport struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	// Metaflow is the version whose decorators and API flowls knows by heart.
	Metaflow string `json:"metaflow"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

func versionCommand(built string, s Streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			v := newVersionReport(built)
			switch format {
			case "json":
				if err := encode(s.Out, v); err != nil {
					return err
				}
				_, err := io.WriteString(s.Out, "\n")
				return err
			case "text":
				_, err := fmt.Fprintf(s.Out, "flowls %s\n%s%s %s/%s\nknows Metaflow %s\n", v.Version, commitLine(v.Commit), v.Go, v.OS, v.Arch, v.Metaflow)
				return err
			}
			return oneOf("format", format, "text", "json")
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output: text or json")
	return cmd
}

func commitLine(commit string) string {
	if commit == "" {
		return ""
	}
	return "commit " + commit + "\n"
}

func newVersionReport(built string) versionReport {
	v := versionReport{Version: Version(built), Go: runtime.Version(), Metaflow: catalog.Default().Metaflow, OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, set := range info.Settings {
			switch {
			case set.Key == "vcs.revision":
				v.Commit = set.Value + v.Commit
			case set.Key == "vcs.modified" && set.Value == "true":
				v.Commit += " (changed)"
			}
		}
	}
	return v
}

// Version is what the build calls itself, else the module's version, else "devel".
func Version(built string) string {
	if built != "" {
		return built
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
