package server

import "time"

// pace keeps looks at the disk from taking a processor for themselves: a run with
// thousands of tasks changes all the time, and each look at it takes long. What
// happens now and then is looked at at once.
type pace struct {
	spent time.Duration // on looks, less what time has given back
	at    time.Time
}

const (
	// lookShare is the part of a processor that looks may take in the long run, as 1/lookShare.
	lookShare = 25
	// lookCredit is what a burst of looks may take beyond that.
	lookCredit = 100 * time.Millisecond
)

// after is how long to wait after a look that ended now.
func (p *pace) after(look time.Duration, now time.Time) time.Duration {
	if !p.at.IsZero() {
		p.spent = max(0, p.spent-now.Sub(p.at)/lookShare)
	}
	p.spent, p.at = p.spent+look, now
	return max(refreshPause, min((p.spent-lookCredit)*lookShare, recheck))
}
