package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"flowls/runner/export"
	"flowls/runner/local"
	"flowls/runner/runstate"

	"github.com/spf13/cobra"
)

func exportCommand(s Streams) *cobra.Command {
	var python string
	var force bool
	cmd := &cobra.Command{
		Use:   "export PATHSPEC FILE",
		Short: "Write an artifact of a local run to a file",
		Long: "Write an artifact to a file as npy, csv, json or png, which the file's ending says. Your Python loads the value\n" +
			"through Metaflow: unlike `flowls show`, this runs the code that the value consists of.",
		Example: "  flowls export TrainFlow/1795343114304665/fit/2/table table.csv",
		Args:    exactly(2, "a pathspec and a file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			parts := strings.Split(strings.Trim(args[0], "/"), "/")
			if len(parts) != 5 {
				return usageError{fmt.Errorf("%q is no artifact: FLOW/RUN/STEP/TASK/ARTIFACT", args[0])}
			}
			here, err := os.Getwd()
			if err != nil {
				return err
			}
			reader := runstate.NewReader(runstate.FindRoot(here, os.Getenv))
			if _, err := reader.Run(parts[0], parts[1]); err != nil {
				return fmt.Errorf("%w in %s", err, reader.Root)
			}
			file, err := filepath.Abs(args[1])
			if err != nil {
				return err
			}
			found, err := local.FindInterpreter(local.Search{Setting: python, Script: filepath.Join(here, "flow.py"), Root: filepath.Dir(reader.Root)})
			if err != nil {
				return err
			}
			err = export.Export(cmd.Context(), export.Request{
				Interpreter: found.Path, Root: reader.Root, Dir: here, Pathspec: strings.Join(parts, "/"), File: file, Overwrite: force,
			})
			if errors.Is(err, export.ErrExists) {
				return fmt.Errorf("%w: --force replaces it", err)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&python, "python", "", "interpreter (default: the active environment, .venv, python3)")
	cmd.Flags().BoolVar(&force, "force", false, "replace the file if it is there")
	return cmd
}
