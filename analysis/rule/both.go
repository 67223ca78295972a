package rule

import "runtime"

// shared is the number of steps from which a flow is worth a second goroutine.
const shared = 24

// both runs two functions that share nothing, at once where that is worth it.
// A panic of either comes out of both, so the caller can deal with it.
func both(atOnce bool, first, second func()) {
	if !atOnce || runtime.GOMAXPROCS(0) == 1 {
		first()
		second()
		return
	}
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		second()
	}()
	defer func() { // also when first panics: nothing may run on
		if p := <-done; p != nil {
			panic(p)
		}
	}()
	first()
}
