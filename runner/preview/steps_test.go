package preview

import (
	"math"
	"testing"
)

func TestSteps(t *testing.T) {
	for _, c := range []struct{ start, stop, step, want int64 }{
		{0, 10, 3, 4}, {10, 0, -3, 4}, {0, 0, 1, 0}, {5, 0, 1, 0}, {0, 1, math.MinInt64, 0},
		{math.MinInt64, math.MaxInt64, math.MaxInt64, 3},
		{math.MinInt64, math.MaxInt64, 1, math.MaxInt64}, // more than can be counted
		{math.MaxInt64, math.MinInt64, -1, math.MaxInt64},
	} {
		if got := steps(c.start, c.stop, c.step); got != c.want {
			t.Errorf("range(%d, %d, %d): %d, want %d", c.start, c.stop, c.step, got, c.want)
		}
	}
}
