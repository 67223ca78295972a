package server

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"flowls/runner/runstate"
	"flowls/runner/store"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// CardsParams are the parameters of flowls/cards.
type CardsParams struct {
	URI    uri.URI `json:"uri,omitempty" doc:"The flow's document; absent means any open one with this run."`
	Flow   string  `json:"flow,omitempty" doc:"With uri: name of the flow."`
	RunID  string  `json:"runId" doc:"Launch id of flowls, or Metaflow's id."`
	Step   string  `json:"step" doc:"Name of the step."`
	TaskID string  `json:"taskId,omitempty" doc:"The task; absent means the first 200 of the step."`
}

// CardsResult is the answer of flowls/cards.
type CardsResult struct {
	Cards []CardInfo `json:"cards" doc:"By task, the newest first. Most types are there when their task has ended, others also while it runs."`
}

// CardInfo is a card: a page that a task made with @card.
type CardInfo struct {
	TaskID  string  `json:"taskId" doc:"The task."`
	Type    string  `json:"type" doc:"Type of the card, such as default or blank."`
	ID      string  `json:"id,omitempty" doc:"What @card(id=…) named it."`
	URI     uri.URI `json:"uri,omitempty" doc:"The HTML file. It was made by the flow: show it only where it can do nothing."`
	Path    string  `json:"path" doc:"The same as a path."`
	Size    int64   `json:"size" doc:"In bytes."`
	Time    string  `json:"time,omitempty" doc:"When it was made, RFC 3339."`
	Running bool    `json:"running,omitempty" doc:"Whether its task still runs: the page is made anew now and then, and at the end."`
	Data    string  `json:"data,omitempty" doc:"While its task runs: file with what the task has reported since the page was made, the member data of a JSON object, for the page's function metaflow_card_update."`
	Problem string  `json:"problem,omitempty" doc:"Why it must not be shown, in words: it is too large, or leads out of the folder of cards."`
	Remote  bool    `json:"remote,omitempty" doc:"Whether path names it in a data store: flowls/cards for its task copies it, and has uri and path of the copy."`
	Stored  string  `json:"stored,omitempty" doc:"Of a card in a data store, also of a copy: its path there."`

	in storedCard // with Remote
}

// ShowCardArgument is the argument of flowls.showCard.
type ShowCardArgument struct {
	CardsParams
	Path string `json:"path,omitempty" doc:"Path of the card; absent means the only one, and of several the user is asked."`
}

// CardLocation is the answer of flowls.showCard.
type CardLocation struct {
	URI   uri.URI `json:"uri,omitempty" doc:"The card."`
	Asked bool    `json:"asked,omitempty" doc:"Whether the user is being asked which one."`
}

const commandShowCard = "flowls.showCard"

func init() {
	customRequests["flowls/cards"] = request((*runs).cardsRequest)
	// A card is a page with scripts that whoever made the workspace may have put there, and a browser runs them.
	commandTable = append(commandTable, define(commandShowCard, "Opens a card of a task in the browser. An editor with a view of its own asks flowls/cards instead.", true, showCard))
}

func (r *runs) cardsRequest(ctx context.Context, p CardsParams) (CardsResult, error) {
	v, err := r.logged(p.RunID, p.URI, p.Flow)
	if err != nil {
		return CardsResult{}, err
	}
	cards, err := v.cards(ctx, p.Step, p.TaskID)
	if err == nil {
		err = r.copyCards(ctx, cards)
	}
	return CardsResult{Cards: append([]CardInfo{}, cards...)}, err
}

// cardRoots are the folders in which the run's tasks may have put cards.
func (v *runView) cardRoots() []string {
	dir, settings := v.startedIn()
	return runstate.RootsWithCards(runstate.CardRoots(v.run.Root, dir, settings), v.run.Flow)
}

// startedIn is the folder in which Metaflow was started for the run, "" if nobody
// knows, and the environment that it had as far as it chooses settings.
func (v *runView) startedIn() (dir string, environment func(string) string) {
	if v.record != nil {
		return v.record.Dir, withProfile(v.record.Profile)
	}
	if v.run.Graph != nil {
		for _, s := range v.run.Graph.Steps {
			if s.SourceFile != "" {
				return filepath.Dir(s.SourceFile), getenv
			}
		}
	}
	return "", getenv
}

// cards are those of a task, or of all tasks of a step.
func (v *runView) cards(ctx context.Context, step, task string) ([]CardInfo, error) {
	return store.Together(ctx, func(ctx context.Context) ([]CardInfo, error) { return v.listCards(ctx, step, task) })
}

func (v *runView) listCards(ctx context.Context, step, task string) ([]CardInfo, error) {
	if v.run == nil || v.run.Step(step) == nil {
		return nil, launchError("step %s has not run in run %s", step, v.key())
	}
	tasks := v.run.Step(step).Tasks
	var found []CardInfo
	roots := v.cardRoots()
	for _, t := range tasks[:min(len(tasks), maxTasksDetail)] {
		if task != "" && t.ID != task {
			continue
		}
		of, err := v.taskCards(ctx, roots, t)
		if errors.Is(err, store.ErrPending) {
			continue // the others are asked for along with it
		}
		if err != nil {
			return nil, launchError("cards cannot be listed: %v", err)
		}
		found = append(found, of...)
	}
	return found, nil
}

// taskCards are the cards of one task; one that was taken over from another run has those of the original.
func (v *runView) taskCards(ctx context.Context, roots []string, t *runstate.Task) ([]CardInfo, error) {
	run, id := v.run.ID, t.ID
	if t.Status == runstate.Cloned {
		run, id = t.OriginRun, t.OriginTask
	}
	if t.Store.Elsewhere() && v.reader.Readable(t.Store) {
		return v.storedCards(ctx, v.run.Flow, run, id, t)
	}
	cards, err := runstate.Cards(roots, v.run.Flow, run, t.Step, id)
	if err != nil {
		return nil, err
	}
	running := !t.Status.Done() && !v.status().done()
	var found []CardInfo
	for _, c := range cards {
		info := CardInfo{
			TaskID: t.ID, Type: c.Type, ID: c.ID, URI: uri.File(c.Path), Path: c.Path, Size: c.Size, Time: timeText(c.Time), Running: running, Problem: c.Problem,
		}
		if running {
			info.Data = c.Data
		}
		found = append(found, info)
	}
	return found, nil
}

// title names a card to the user.
func (c CardInfo) title(many bool) string {
	title := c.Type
	if c.ID != "" {
		title = c.ID + " (" + c.Type + ")"
	}
	if many {
		title += " of task " + c.TaskID
	}
	if c.Running {
		title += ", so far"
	}
	return title
}

func showCard(ctx context.Context, call commandCall, a ShowCardArgument) (CardLocation, error) {
	r := call.server.runs
	v, err := r.logged(a.RunID, a.URI, a.Flow)
	if err != nil {
		return CardLocation{}, err
	}
	cards, err := v.cards(ctx, a.Step, a.TaskID)
	if err != nil {
		return CardLocation{}, err
	}
	if a.Path != "" {
		cards = slices.DeleteFunc(cards, func(c CardInfo) bool { return !c.is(a.Path) })
	}
	switch {
	case len(cards) == 0 && !v.run.Step(a.Step).Status.Done():
		return CardLocation{}, launchError("step %s has no card yet: most cards are made when their task has ended", a.Step)
	case len(cards) == 0:
		return CardLocation{}, launchError("step %s has no such card in run %s: decorate it with `@card`", a.Step, v.run.ID)
	case len(cards) == 1:
		c, err := r.copied(ctx, cards[0])
		if err != nil {
			return CardLocation{}, err
		}
		return CardLocation{URI: c.URI}, r.openCard(ctx, c)
	}
	r.s.background("choose a card", func(ctx context.Context) { r.askForCard(ctx, a.Step, cards) })
	return CardLocation{Asked: true}, nil
}

// maxAsked bounds the choices of a question: clients show them side by side.
const maxAsked = 8

// askForCard asks which of several cards is meant. The command has been answered by then.
func (r *runs) askForCard(ctx context.Context, step string, cards []CardInfo) {
	many := slices.ContainsFunc(cards, func(c CardInfo) bool { return c.TaskID != cards[0].TaskID })
	var actions []protocol.MessageActionItem
	byTitle := map[string]CardInfo{}
	for _, c := range cards[:min(len(cards), maxAsked)] {
		title := c.title(many)
		for n := 2; byTitle[title].Path != ""; n++ {
			title = fmt.Sprintf("%s, %d", c.title(many), n)
		}
		byTitle[title] = c
		actions = append(actions, protocol.MessageActionItem{Title: title})
	}
	message := fmt.Sprintf("Step %s has %d cards. Which one?", step, len(cards))
	if len(cards) > maxAsked {
		message = fmt.Sprintf("Step %s has %d cards. Which of the first %d?", step, len(cards), maxAsked)
	}
	answer, err := r.s.client.ShowMessageRequest(ctx, &protocol.ShowMessageRequestParams{
		Type: protocol.MessageTypeInfo, Message: message, Actions: actions,
	})
	if err != nil || answer == nil {
		return // dismissed
	}
	if c, ok := byTitle[answer.Title]; ok {
		c, err := r.copied(ctx, c)
		if err == nil {
			err = r.openCard(ctx, c)
		}
		if err != nil && ctx.Err() == nil {
			r.s.client.showMessage(protocol.MessageTypeError, userText(err))
		}
	}
}

// openCard has the client open a card outside of the editor.
func (r *runs) openCard(ctx context.Context, c CardInfo) error {
	if c.Problem != "" {
		return launchError("the card %s is not shown: %s", c.Path, c.Problem)
	}
	if !r.s.client.can.showDocument {
		return nil // the answer names it
	}
	answer, err := r.s.client.ShowDocument(ctx, &protocol.ShowDocumentParams{URI: c.URI, External: new(true)})
	if err == nil && answer != nil && !answer.Success {
		err = fmt.Errorf("the editor did not open %s", c.Path)
	}
	if err != nil && ctx.Err() == nil {
		return launchError("the card cannot be shown: %v", err)
	}
	if err == nil && c.Running {
		made, _ := time.Parse(time.RFC3339, c.Time)
		r.s.client.showMessage(protocol.MessageTypeInfo, fmt.Sprintf("The task still runs: its card is as of %s. Reload the page for what comes.", made.Local().Format(time.TimeOnly)))
	}
	return nil
}

// maxCardTasks is in how many tasks of a step lens and hover look for cards.
const maxCardTasks = 20

// hasCards: some of the first tasks of the step made a card.
func (s *stepView) hasCards() bool { return len(s.firstCards(1)) > 0 }

// firstCards are cards of the first tasks of the step, of the shown one if the user chose it.
func (s *stepView) firstCards(most int) []CardInfo {
	if s.step == nil || s.of.run == nil {
		return nil
	}
	roots := s.of.cardRoots()
	if len(roots) == 0 && !s.of.elsewhere() {
		return nil
	}
	ctx, _ := store.AtOnce(context.Background()) // lens and hover wait for nothing
	tasks := s.step.Tasks[:min(len(s.step.Tasks), maxCardTasks)]
	if t := s.one(); t != nil {
		tasks = []*runstate.Task{t}
	}
	var found []CardInfo
	for _, t := range tasks {
		if cards, err := s.of.taskCards(ctx, roots, t); err == nil {
			found = append(found, cards...)
		}
		if len(found) >= most {
			return found[:most]
		}
	}
	return found
}

// cardArgument names the cards of a step.
func (s *stepView) cardArgument(key flowKey) ShowCardArgument {
	a := CardsParams{RunID: s.of.key(), URI: key.uri, Flow: key.name, Step: s.name}
	if s.of.record == nil {
		a.RunID = s.of.metaflowID()
	}
	return ShowCardArgument{CardsParams: a}
}

// cardLens opens the cards of a step.
func (s *stepView) cardLens(key flowKey) Lens {
	return Lens{Title: "▤ Card", Tooltip: "What the step reported with @card", Command: commandShowCard, Argument: s.cardArgument(key)}
}
