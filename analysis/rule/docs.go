package rule

import (
	"embed"
	"strings"
	"sync"
)

// docs holds a page for each rule, named by its code, with the sections Why,
// Bad, Good, How to repair and Proof. Tests hold the examples against the rules
// and against Metaflow.
//
//go:embed docs/*.md
var docs embed.FS

// readDocs fills in the pages: at the first question, since a check asks none.
var readDocs = sync.OnceFunc(func() {
	for _, r := range rules {
		page, err := docs.ReadFile("docs/" + r.Code + ".md")
		if err != nil {
			continue // a test asks for every page
		}
		for _, part := range strings.Split("\n"+string(page), "\n## ") {
			title, body, _ := strings.Cut(part, "\n")
			body = strings.Trim(body, "\n")
			switch title {
			case "Why":
				r.Why = body
			case "Bad":
				r.Bad = body
			case "Good":
				r.Good = body
			case "How to repair":
				r.Fix = body
			case "Proof":
				r.proof = body
			}
		}
	}
})
