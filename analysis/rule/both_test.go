package rule

import (
	"sync/atomic"
	"testing"
)

func TestBoth(t *testing.T) {
	for _, atOnce := range []bool{false, true} {
		var ran atomic.Int32
		count := func() { ran.Add(1) }
		both(atOnce, count, count)
		if ran.Load() != 2 {
			t.Errorf("at once %v: %d of 2 ran", atOnce, ran.Load())
		}
		fail := func() { panic("defect") }
		for name, run := range map[string]func(){"first": func() { both(atOnce, fail, count) }, "second": func() { both(atOnce, count, fail) }} {
			if p := caught(run); p != "defect" {
				t.Errorf("at once %v: the panic of the %s gave %v", atOnce, name, p)
			}
		}
	}
}

func caught(run func()) (p any) {
	defer func() { p = recover() }()
	run()
	return nil
}
