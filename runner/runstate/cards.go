package runstate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"flowls/runner/store"
)

// Card is an HTML page that a task made with @card.
type Card struct {
	Type string // default, blank, …
	ID   string // "" if it was given none
	Hash string
	Path string // absolute
	Size int64
	Time time.Time
	// Data is the file with what the task has given the card since the page was
	// made, "" if it gave nothing: Metaflow's pages take it in by a script.
	Data string
	// Problem says why it must not be opened, "" if nothing does.
	Problem string
}

// maxCard bounds a card that is shown. Real ones have 1 MB and what the task put in.
const maxCard = 64 << 20

// cardsName is the folder of cards below a root.
const cardsName = "mf.cards"

// CardRoots are the folders in which tasks of runs below a root may have put
// their cards: that of METAFLOW_CARD_LOCALROOT, else the .metaflow found from
// the folder in which the run was started, which METAFLOW_DATASTORE_SYSROOT_LOCAL
// does not change.
func CardRoots(root, dir string, getenv func(string) string) []string {
	if named := cardSetting(dir, getenv, "METAFLOW_CARD_LOCALROOT"); named != "" {
		if !filepath.IsAbs(named) {
			named = filepath.Join(dir, named)
		}
		return []string{named}
	}
	roots := []string{filepath.Join(root, cardsName)}
	if dir != "" {
		if other := filepath.Join(find(dir, filepath.Base(root), ""), cardsName); other != roots[0] {
			roots = append(roots, other)
		}
	}
	return roots
}

// CardStore is the root of the cards of runs that keep their data in S3 where it is
// not below that of the data, else "".
func CardStore(dir string, getenv func(string) string) string {
	return cardSetting(dir, getenv, "METAFLOW_CARD_S3ROOT")
}

// cardSetting: where nobody knows from where a run was started, only the
// environment counts.
func cardSetting(dir string, getenv func(string) string, name string) string {
	if dir == "" {
		return getenv(name)
	}
	return store.Setting(dir, getenv, name)
}

// RootsWithCards are the roots that hold cards of a flow at all: most flows make none.
func RootsWithCards(roots []string, flow string) []string {
	var with []string
	for _, root := range roots {
		if info, err := os.Stat(filepath.Join(root, flow, "runs")); err == nil && info.IsDir() {
			with = append(with, root)
		}
	}
	return with
}

// cardFolders are where the cards of a task are: today's layout, and that of
// Metaflow before June 2022, which is looked at if there is nothing in the other.
func cardFolders(flow, run, step, task string) [2]string {
	return [2]string{
		filepath.Join(flow, "runs", run, "steps", step, "tasks", task, "cards"),
		filepath.Join(flow, "runs", run, "tasks", task, "cards"),
	}
}

// Cards lists the cards of a task, the newest first.
func Cards(roots []string, flow, run, step, task string) ([]Card, error) {
	if !flowPattern().MatchString(flow) || !partPattern().MatchString(run) || !partPattern().MatchString(step) || !partPattern().MatchString(task) {
		return nil, fmt.Errorf("%s/%s/%s/%s is not a task", flow, run, step, task)
	}
	var all []Card
	for _, root := range roots {
		for _, folder := range cardFolders(flow, run, step, task) {
			found, err := cardsIn(root, folder)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
			if len(found) > 0 {
				break
			}
		}
	}
	slices.SortFunc(all, func(a, b Card) int {
		return cmp.Or(b.Time.Compare(a.Time), strings.Compare(a.Path, b.Path))
	})
	return all, nil
}

// StoredCards lists the cards of a task in another data store, the newest first;
// in is the folder of cards there. A Path is a name in the store.
func StoredCards(ctx context.Context, files store.Files, in, flow, run, step, task string) ([]Card, error) {
	if !flowPattern().MatchString(flow) || !partPattern().MatchString(run) || !partPattern().MatchString(step) || !partPattern().MatchString(task) {
		return nil, fmt.Errorf("%s/%s/%s/%s is not a task", flow, run, step, task)
	}
	folder := path.Join(in, filepath.ToSlash(cardFolders(flow, run, step, task)[0]))
	var found []Card
	err := files.List(ctx, folder, func(e store.Entry) bool {
		if c, ok := parseCard(e.Name); ok && !e.Dir {
			c.Path, c.Size, c.Time = folder+"/"+e.Name, e.Info.Size, e.Info.Modified
			if c.Size > maxCard {
				c.Problem = fmt.Sprintf("it is larger than %d MB", maxCard>>20)
			}
			found = append(found, c)
		}
		return len(found) < maxCards
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	slices.SortFunc(found, func(a, b Card) int { return cmp.Or(b.Time.Compare(a.Time), strings.Compare(a.Path, b.Path)) })
	return found, err
}

// CardLimit bounds a card that is shown, in bytes.
const CardLimit = maxCard

// CardsName is the folder of cards in a data store.
const CardsName = cardsName

// maxCards bounds the cards of one task.
const maxCards = 100

func cardsIn(root, folder string) ([]Card, error) {
	entries, err := os.ReadDir(filepath.Join(root, folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	var found []Card
	for _, e := range entries {
		c, ok := parseCard(e.Name())
		if !ok || len(found) == maxCards {
			continue
		}
		c.Path = filepath.Join(root, folder, e.Name())
		// A link that leads out of the folder of cards is an error here.
		info, err := dir.Stat(filepath.Join(folder, e.Name()))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // replaced meanwhile
		case err != nil:
			c.Problem = "it is a link that leads out of " + root
		case !info.Mode().IsRegular():
			c.Problem = "it is not a file"
		default:
			c.Size, c.Time = info.Size(), info.ModTime()
			if c.Size > maxCard {
				c.Problem = fmt.Sprintf("it is larger than %d MB", maxCard>>20)
			}
			data := filepath.Join(filepath.Dir(folder), "runtime", strings.TrimSuffix(e.Name(), ".html")+".data.json")
			if info, err := dir.Stat(data); err == nil && info.Mode().IsRegular() && info.Size() <= maxCard {
				c.Data = filepath.Join(root, data)
			}
		}
		found = append(found, c)
	}
	return found, nil
}

// parseCard reads a card's file name: TYPE-HASH.html or TYPE-ID-HASH.html.
func parseCard(name string) (Card, bool) {
	stem, ok := strings.CutSuffix(name, ".html")
	if !ok {
		return Card{}, false
	}
	parts := strings.Split(stem, "-")
	if len(parts) != 2 && len(parts) != 3 || parts[0] == "" || parts[len(parts)-1] == "" {
		return Card{}, false
	}
	c := Card{Type: parts[0], Hash: parts[len(parts)-1]}
	if len(parts) == 3 {
		c.ID = parts[1]
	}
	return c, true
}
