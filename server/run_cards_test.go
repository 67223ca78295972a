package server_test

import (
	"os"
	"path/filepath"
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
