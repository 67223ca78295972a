package server

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

const (
	// maxCardLinks is how many cards a hover names.
	maxCardLinks = 5
	// clientShowCard is the command of clients that show cards themselves.
	clientShowCard = "flowls.client.showCard"
)

// cardsText names the cards that a step made, for its hover, with links that
// open them: by the client's command, else as files. A browser runs the scripts
// of a card, so there are none unless the workspace is trusted.
func (r *runs) cardsText(v *view, s *stepView, key flowKey) string {
	cards := s.firstCards(maxCardLinks)
	if len(cards) == 0 {
		return ""
	}
	many := slices.ContainsFunc(cards, func(c CardInfo) bool { return c.TaskID != cards[0].TaskID })
	var said []string
	for _, c := range cards {
		title := escape(c.title(many))
		switch target := r.cardTarget(v, s, key, c); {
		case c.Problem != "" || target == "":
			said = append(said, title)
		case r.s.client.can.markdown:
			said = append(said, fmt.Sprintf("[%s](%s)", title, target))
		default:
			said = append(said, fmt.Sprintf("%s (%s)", title, c.Path))
		}
	}
	return strings.Join(said, ", ")
}

func (r *runs) cardTarget(v *view, s *stepView, key flowKey, c CardInfo) string {
	if !v.snapshot.Settings.Trusted {
		return ""
	}
	if !slices.Contains(r.s.client.can.experimental.Commands, clientShowCard) {
		return strings.NewReplacer("(", "%28", ")", "%29").Replace(string(c.URI))
	}
	argument := s.cardArgument(key)
	argument.TaskID, argument.Path = c.TaskID, c.Path
	raw, err := json.Marshal([]ShowCardArgument{argument})
	if err != nil { // strings only
		return ""
	}
	return "command:" + clientShowCard + "?" + strings.NewReplacer("+", "%20", "(", "%28", ")", "%29").Replace(url.QueryEscape(string(raw)))
}
