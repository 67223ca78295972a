package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"flowls/runner/runstate"
	"flowls/runner/store"
)

// showStored shows what a data store holds: names down to the tasks, and
// artifacts. What only the metadata knows, such as the state of a run, is not there.
func showStored(ctx context.Context, s Streams, beyond Beyond, parts []string, whole, asJSON bool) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	files, err := beyond.Files(ctx, dir)
	if err != nil {
		return err
	}
	v := values{ctx, func(runstate.Place) (store.Blobs, error) { return store.Blobs{Files: files, Flow: parts[0]}, nil }, s.Out, asJSON, whole, progressTo(s)}
	at := strings.Join(parts[:min(len(parts), 4)], "/")
	if len(parts) < 4 {
		names, err := runstate.StoredFolders(ctx, files, at)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return fmt.Errorf("%s has no %s", files.Location(), at)
		}
		if asJSON {
			return printJSON(s.Out, map[string]any{"pathspec": at, "below": names})
		}
		for _, name := range names {
			if _, err := fmt.Fprintf(s.Out, "%s/%s\n", at, printable(name)); err != nil {
				return err
			}
		}
		return nil
	}
	all, err := runstate.StoredArtifacts(ctx, files, at)
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	if len(parts) == 5 {
		a, err := namedArtifact(all, at, parts[4])
		if err != nil {
			return err
		}
		return v.show(a, nil)
	}
	reports := []artifactReport{}
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	for _, a := range all {
		r := v.report(a, runstate.Glance)
		r.Description = nil
		reports = append(reports, r)
		if !asJSON {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", printable(r.Name), printable(r.Type), bytesText(r.Size), printable(r.Preview))
		}
	}
	if asJSON {
		return printJSON(s.Out, map[string]any{"pathspec": at, "artifacts": reports})
	}
	return w.Flush()
}
