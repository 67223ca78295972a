package runstate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"flowls/runner/store"
)

// maxListed bounds the names of one folder of a data store.
const maxListed = 100_000

// StoredFolders are the names of the folders in a folder of a data store: runs
// of a flow, steps of a run, tasks of a step. Numbers are in their order.
func StoredFolders(ctx context.Context, files store.Files, dir string) ([]string, error) {
	var names []string
	err := files.List(ctx, dir, func(e store.Entry) bool {
		if e.Dir && !strings.HasPrefix(e.Name, "_") && e.Name != "data" {
			names = append(names, e.Name)
		}
		return len(names) < maxListed
	})
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) && number(a) && number(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return names, err
}

func number(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// StoredArtifacts are the artifacts of a task, "Flow/run/step/task", as its data
// store has them: of the latest attempt that was stored whole. Which of them
// the task set itself is not told here.
func StoredArtifacts(ctx context.Context, files store.Files, task string) ([]Artifact, error) {
	latest, found := -1, false
	err := files.List(ctx, task, func(e store.Entry) bool {
		found = true
		if attempt, ok := strings.CutSuffix(e.Name, ".DONE.lock"); ok {
			if n, err := strconv.Atoi(attempt); err == nil && n > latest {
				latest = n
			}
		}
		return true
	})
	if err == nil && !found {
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no task %s: %w", files.Location(), task, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	if latest < 0 {
		return nil, ErrNoData
	}
	name := fmt.Sprintf("%s/%d.data.json", task, latest)
	raw, err := store.ReadFile(ctx, files, name, maxJSON)
	if err != nil {
		return nil, err
	}
	var data dataFile
	if err := json.Unmarshal(raw, &data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data.artifacts(), nil
}
