package difftest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"flowls/internal/venv"
)

var token = regexp.MustCompile(`\r\n|\n|[ \t]+|\w+|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|.`)

// slip makes one slip of the hand in a text: tokens and lines are dropped,
// doubled, swapped, replaced by others of the same file, or moved sideways.
func slip(text string, r *rand.Rand) (string, string) {
	if r.IntN(3) == 0 {
		lines := strings.SplitAfter(text, "\n")
		i := r.IntN(len(lines))
		switch r.IntN(5) {
		case 0:
			return strings.Join(slices.Delete(lines, i, i+1), ""), "line dropped"
		case 1:
			return strings.Join(slices.Insert(lines, i, lines[r.IntN(len(lines))]), ""), "line doubled"
		case 2:
			j := r.IntN(len(lines))
			lines[i], lines[j] = lines[j], lines[i]
			return strings.Join(lines, ""), "lines swapped"
		case 3:
			lines[i] = "    " + lines[i]
			return strings.Join(lines, ""), "line indented"
		default:
			lines[i] = strings.TrimPrefix(lines[i], "    ")
			return strings.Join(lines, ""), "line dedented"
		}
	}
	tokens := token.FindAllString(text, -1)
	at := func() int {
		for {
			if i := r.IntN(len(tokens)); strings.TrimSpace(tokens[i]) != "" {
				return i
			}
		}
	}
	i := at()
	switch r.IntN(4) {
	case 0:
		return strings.Join(slices.Delete(tokens, i, i+1), ""), "token dropped"
	case 1:
		return strings.Join(slices.Insert(tokens, i, tokens[at()]), ""), "token inserted"
	case 2:
		tokens[i] = tokens[at()]
		return strings.Join(tokens, ""), "token replaced"
	default:
		j := at()
		tokens[i], tokens[j] = tokens[j], tokens[i]
		return strings.Join(tokens, ""), "tokens swapped"
	}
}

// TestSlips: after a slip of the hand somewhere in a flow of the corpus, the
// verdict must still be Metaflow's. FLOWLS_SLIPS sets how many.
func TestSlips(t *testing.T) {
	root, err := venv.Root()
	if err != nil {
		t.Fatal(err)
	}
	n := count(t, "FLOWLS_SLIPS", 400)
	corpus := append(pythonFiles(t, filepath.Join(root, "testdata/flows/valid")), pythonFiles(t, filepath.Join(root, "testdata/flows/broken"))...)
	r := rand.New(rand.NewPCG(uint64(n), 7))
	var cases []generated
	for len(cases) < n {
		file := corpus[r.IntN(len(corpus))]
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text, what := slip(string(src), r)
		name, _ := filepath.Rel(root, file)
		cases = append(cases, generated{fmt.Sprintf("%d %s: %s", len(cases), name, what), text})
	}
	judge(t, cases)
}
