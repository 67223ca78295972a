package server_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"flowls/server"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

const cardFlow = `from metaflow import FlowSpec, card, current, step
from metaflow.cards import Markdown


class Report(FlowSpec):
    @card
    @step
    def start(self):
        self.x = 1
        self.next(self.two)

    @card(type="blank", id="first")
    @card(type="blank", id="second")
    @step
    def two(self):
        current.card["first"].append(Markdown("# One"))
        current.card["second"].append(Markdown("# Two"))
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Report()
`

func (b *workbench) cards(params map[string]any) []server.CardInfo {
	b.t.Helper()
	var result server.CardsResult
	b.request("flowls/cards", params, &result)
	return result.Cards
}

func TestCards(t *testing.T) {
	b := newWorkbench(t, "Report", cardFlow)
	b.open(true)
	id := b.launch("flowls.run", nil).RunID
	b.ended(id)
	b.until("the lenses offer cards", func() bool {
		return strings.Contains(b.lensOf("def start"), "▤ Card") && strings.Contains(b.lensOf("def two"), "▤ Card")
	})
	if lens := b.lensOf("def end"); strings.Contains(lens, "▤") {
		t.Errorf("a step without cards: %s", lens)
	}
	if cards := b.cards(map[string]any{"runId": id, "step": "end"}); len(cards) != 0 {
		t.Errorf("a step without cards: %+v", cards)
	}

	// The only card is shown by the system.
	command, argument := b.lensArgument("def start", "▤")
	var at server.CardLocation
	if err := b.execute(command, argument, &at); err != nil {
		t.Fatal(err)
	}
	var shown protocol.ShowDocumentParams
	b.editor.Await(protocol.MethodWindowShowDocument, &shown)
	page, err := os.ReadFile(strings.TrimPrefix(string(shown.URI), "file://"))
	if err != nil || at.URI != shown.URI || shown.External == nil || !*shown.External || !strings.Contains(string(page), "<html") {
		t.Errorf("shown: %+v, %v, %d bytes", shown, err, len(page))
	}

	// Of several the user is asked.
	two := b.cards(map[string]any{"uri": b.buffer.URI, "flow": "Report", "runId": id, "step": "two"})
	if len(two) != 2 || two[0].Type != "blank" || two[0].ID+two[1].ID != "firstsecond" && two[0].ID+two[1].ID != "secondfirst" || two[0].Size < 100_000 || two[0].Time == "" {
		t.Errorf("cards of step two: %+v", two)
	}
	var asked []string
	b.editor.Answer = func(p protocol.ShowMessageRequestParams) *protocol.MessageActionItem {
		for _, a := range p.Actions {
			asked = append(asked, a.Title)
		}
		return &protocol.MessageActionItem{Title: "second (blank)"}
	}
	_, argument = b.lensArgument("def two", "▤")
	at = server.CardLocation{}
	if err := b.execute(command, argument, &at); err != nil || !at.Asked {
		t.Fatal(err, at)
	}
	b.editor.Await(protocol.MethodWindowShowMessageRequest, nil)
	b.editor.Await(protocol.MethodWindowShowDocument, &shown)
	if len(asked) != 2 || !strings.Contains(string(shown.URI), "blank-second-") {
		t.Errorf("asked %q, shown %s", asked, shown.URI)
	}
	info := b.run(id)
	if tasks := info.Steps[1].TasksDetail; len(tasks) != 1 || len(tasks[0].Cards) != 2 {
		t.Errorf("cards of the task: %+v", tasks)
	}

	// One that leads elsewhere is told and refused.
	secret := filepath.Join(t.TempDir(), "secret.html")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(filepath.Dir(two[0].Path), "blank-link-1.html")
	if err := os.Symlink(secret, link); err != nil {
		t.Fatal(err)
	}
	argument["path"] = link
	if err := b.execute(command, argument, nil); err == nil || !strings.Contains(err.Error(), "leads out of") {
		t.Errorf("a link out of the store: %v", err)
	}
	argument["path"] = secret
	if err := b.execute(command, argument, nil); err == nil || !strings.Contains(err.Error(), "no such card") {
		t.Errorf("another file: %v", err)
	}
	if uri.File(secret) == shown.URI {
		t.Error("the secret was shown")
	}
}

const liveCardFlow = `import os
import time

from metaflow import FlowSpec, card, current, step
from metaflow.cards import Markdown, ProgressBar


class Live(FlowSpec):
    @card(type="blank", refresh_interval=0)
    @step
    def start(self):
        bar = ProgressBar(max=10, label="epochs")
        current.card.append(Markdown("# So far"))
        current.card.append(bar)
        current.card.refresh()
        while not os.path.exists("gate"):
            bar.update(min(9, bar._value + 1) if hasattr(bar, "_value") else 1)
            current.card.refresh()
            time.sleep(0.1)
        current.card.append(Markdown("# At the end"))
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Live()
`

// A card that a task makes while it runs is there, and says that it is not the last word.
func TestCardOfARunningTask(t *testing.T) {
	b := newWorkbench(t, "Live", liveCardFlow)
	b.open(true)
	id := b.launch("flowls.run", nil).RunID
	var card server.CardInfo
	b.until("the running task has a card, and data for it", func() bool {
		var cards server.CardsResult
		err := b.editor.TryCall("flowls/cards", map[string]any{"uri": b.buffer.URI, "flow": "Live", "runId": id, "step": "start"}, &cards)
		if err != nil || len(cards.Cards) == 0 {
			return false
		}
		card = cards.Cards[0]
		return card.Data != ""
	})
	data, err := os.ReadFile(card.Data)
	if err != nil || !card.Running || !strings.Contains(string(data), `"data"`) {
		t.Errorf("%+v, %v: %s", card, err, data)
	}
	b.until("the lens offers it", func() bool { return strings.Contains(b.lensOf("def start"), "▤ Card") })
	if got := b.hover("start"); !strings.Contains(got, "**cards** [blank, so far]("+string(card.URI)+")") {
		t.Errorf("hover: %q", got)
	}
	command, argument := b.lensArgument("def start", "▤")
	if err := b.execute(command, argument, nil); err != nil {
		t.Fatal(err)
	}
	b.editor.Await(protocol.MethodWindowShowDocument, nil)
	var told protocol.ShowMessageParams
	b.editor.Await(protocol.MethodWindowShowMessage, &told)
	if !strings.HasPrefix(told.Message, "The task still runs: its card is as of ") {
		t.Errorf("told %q", told.Message)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "gate"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.ended(id)
	b.until("the card is the last one", func() bool {
		cards := b.cards(map[string]any{"runId": id, "step": "start"})
		return len(cards) == 1 && !cards[0].Running && cards[0].Data == "" && cards[0].Path == card.Path
	})
	if got := b.hover("start"); !strings.Contains(got, "**cards** [blank](") {
		t.Errorf("hover at the end: %q", got)
	}
}

// An editor with a view of its own gets a link to it; nobody else in a workspace without trust.
func TestCardsInHovers(t *testing.T) {
	b := newWorkbench(t, "Report", cardFlow)
	b.open(true)
	b.ended(b.launch("flowls.run", nil).RunID)
	link := regexp.MustCompile(`\[first \(blank\)\]\(([^)]*)\)`)
	var path string
	b.until("the hover links the cards", func() bool {
		m := link.FindStringSubmatch(b.hover("two"))
		if m == nil || !strings.Contains(b.hover("two"), "[second (blank)](file:///") {
			return false
		}
		path = uri.URI(m[1]).FsPath()
		return true
	})
	if page, err := os.ReadFile(path); err != nil || !strings.Contains(string(page), "<html") {
		t.Errorf("the link: %s, %v", path, err)
	}
	b.close()
	b.shows = []string{"flowls.client.showCard"}
	b.open(true)
	b.until("the link is the client's command", func() bool {
		m := link.FindStringSubmatch(b.hover("two"))
		if m == nil {
			return false
		}
		raw, found := strings.CutPrefix(m[1], "command:flowls.client.showCard?")
		raw, err := url.QueryUnescape(raw)
		var arguments []server.ShowCardArgument
		return found && err == nil && json.Unmarshal([]byte(raw), &arguments) == nil && len(arguments) == 1 && arguments[0].Path == path && arguments[0].Step == "two"
	})
	b.close()
	b.open(false)
	b.until("there is no link without trust", func() bool {
		got := b.hover("two")
		return strings.Contains(got, "first (blank)") && !strings.Contains(got, "](")
	})
}
