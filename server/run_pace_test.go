package server

import (
	"testing"
	"time"
)

func TestLooksLeaveTimeForOthers(t *testing.T) {
	const second = 1000 * time.Millisecond
	now := time.Now()
	for name, c := range map[string]struct {
		look, every time.Duration // how long each takes, and how often there is something new
		most        time.Duration // that looks take in a minute
		looks       int           // at least
	}{
		"a step now and then":       {5 * time.Millisecond, second / 2, second, 110},
		"a large foreach":           {2 * time.Millisecond, 0, 3 * second, 1000},
		"a foreach of ten thousand": {40 * time.Millisecond, 0, 3 * second, 50},
		"a disk that hangs":         {3 * second, 0, 40 * second, 10},
	} {
		var p pace
		var spent time.Duration
		looks := 0
		for at := now; at.Sub(now) < time.Minute; looks++ {
			at = at.Add(c.look)
			spent += c.look
			wait := p.after(c.look, at)
			if wait < refreshPause || wait > recheck {
				t.Fatalf("%s: a pause of %v", name, wait)
			}
			at = at.Add(max(wait, c.every))
		}
		if spent > c.most || looks < c.looks {
			t.Errorf("%s: %d looks, which took %v of a minute", name, looks, spent)
		}
	}
	var p pace
	if wait := p.after(lookCredit/2, now); wait != refreshPause {
		t.Errorf("after one look, even if it took long: %v", wait)
	}
}
