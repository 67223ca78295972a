package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A folder with blanks and umlauts, reached through a link, with two flows in
// one file, one of them with a name that is not ASCII.
func TestRunInUnusualPlaces(t *testing.T) {
	const main = "if __name__ == \"__main__\":\n    Score()\n"
	second := strings.NewReplacer("class Score", "class Größe", "0.93", "0.25").Replace(scoreFlow[strings.Index(scoreFlow, "class Score"):strings.Index(scoreFlow, main)])
	source := strings.Replace(scoreFlow, main, "\n"+second+"\nif __name__ == \"__main__\":\n    Größe()\n", 1)
	b := newWorkbench(t, "Größe", source)
	real := filepath.Join(b.dir, "ein Ordner für Flüsse")
	link := filepath.Join(b.dir, "link")
	if err := os.Mkdir(real, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	b.dir, b.path = link, filepath.Join(link, "zwei flüsse.py")
	b.save(source)
	b.open(true)
	started := b.launch("flowls.run", nil)
	if info := b.ended(started.RunID); info.Status != "succeeded" || info.Flow != "Größe" {
		t.Fatalf("%+v", info)
	}
	b.until("the lenses of that flow tell, and only those", func() bool {
		return strings.HasPrefix(b.lensOf("class Größe"), "▶ Run flow | ☁ Launch on Kubernetes | ✓ ") && b.lensOf("class Score") == "▶ Run flow | ☁ Launch on Kubernetes"
	})
	b.until("its values stand in its code only", func() bool {
		hints := b.hints()
		return hints["self.score = 0.25"] == "0.25" && hints["self.score = 0.93"] == ""
	})
}
