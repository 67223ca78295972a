package main

import (
	"fmt"
	"slices"
	"time"
)

// quantile returns the value that the share q of the samples does not exceed.
func quantile(samples []time.Duration, q float64) time.Duration {
	s := slices.Sorted(slices.Values(samples))
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

func median(samples []time.Duration) time.Duration { return quantile(samples, 0.5) }

func ms(d time.Duration) string {
	v := float64(d) / float64(time.Millisecond)
	if v < 1 {
		return fmt.Sprintf("%.2f ms", v)
	}
	return fmt.Sprintf("%.1f ms", v)
}
