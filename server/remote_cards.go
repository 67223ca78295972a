package server

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"path/filepath"

	"flowls/runner/runstate"
	"flowls/runner/store"

	"go.lsp.dev/uri"
)

// Cards in S3 are copied to the state folder when someone wants to see them.

// maxCopied bounds the cards that one question has copied; others are copied when they are shown.
const maxCopied = 16

// storedCards lists the cards of a task in its data store.
func (v *runView) storedCards(ctx context.Context, flow, run, id string, t *runstate.Task) ([]CardInfo, error) {
	at, in := t.Store, runstate.CardsName
	if at.Kind == "s3" {
		if named := runstate.CardStore(v.startedIn()); named != "" {
			at.Root, in = named, ""
		}
	}
	files, err := v.reader.Files(at)
	if err != nil {
		return nil, err
	}
	cards, err := runstate.StoredCards(ctx, files, in, flow, run, t.Step, id)
	if err != nil {
		return nil, err
	}
	running := !t.Status.Done() && !v.status().done()
	var found []CardInfo
	for _, c := range cards {
		found = append(found, CardInfo{
			TaskID: t.ID, Type: c.Type, ID: c.ID, Path: at.Root + "/" + c.Path, Stored: at.Root + "/" + c.Path, Size: c.Size, Time: timeText(c.Time), Running: running, Problem: c.Problem, Remote: true,
			in: storedCard{files, c.Path},
		})
	}
	return found, nil
}

// storedCard is where a card is that is not on this machine.
type storedCard struct {
	files store.Files
	name  string
}

// copyName is the name of the copy of a card in a data store.
func (c CardInfo) copyName() string {
	sum := sha1.Sum([]byte(c.Stored))
	return filepath.Base(c.Type) + "-" + hex.EncodeToString(sum[:]) + ".html"
}

// is reports whether a path means this card, in its store or as a copy.
func (c CardInfo) is(path string) bool {
	return c.Path == path || c.Remote && filepath.Base(path) == c.copyName()
}

// copied is the card on this machine.
func (r *runs) copied(ctx context.Context, c CardInfo) (CardInfo, error) {
	if !c.Remote || c.Problem != "" {
		return c, nil
	}
	page, err := store.ReadFile(ctx, c.in.files, c.in.name, runstate.CardLimit)
	if err != nil {
		return c, remoteError(ctx, err)
	}
	path, err := r.keepView(c.copyName(), string(page))
	if err != nil {
		return c, launchError("the card cannot be shown: %v", err)
	}
	c.Path, c.URI, c.Remote = path, uri.File(path), false
	return c, nil
}

// copyCards copies the first of several cards.
func (r *runs) copyCards(ctx context.Context, cards []CardInfo) error {
	for i := range cards[:min(len(cards), maxCopied)] {
		c, err := r.copied(ctx, cards[i])
		if err != nil {
			return err
		}
		cards[i] = c
	}
	return nil
}
