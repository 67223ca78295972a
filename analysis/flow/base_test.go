package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A file of base classes is valid Metaflow although none of them is a whole
// flow; a flow that is still being written is not taken for one.
func TestBasesForOtherFiles(t *testing.T) {
	const head = "from abc import ABC\nfrom metaflow import FlowSpec, Parameter, step\n"
	const start = "    @step\n    def start(self):\n        self.next(self.work)\n"
	const work = "    @step\n    def work(self):\n        self.next(self.end)\n"
	const main = "if __name__ == \"__main__\":\n    "
	for src, want := range map[string]bool{
		"class TeamBase(FlowSpec):\n" + start:                                                 true,
		"class BaseFlow(FlowSpec):\n" + work:                                                  true,
		"class _AbstractTraining(FlowSpec):\n" + work:                                         true,
		"class Team(FlowSpec, ABC):\n" + start + work:                                         true,
		"class A(FlowSpec):\n" + start + "class B(A):\n" + work:                               true,
		"@tuned\nclass Team(FlowSpec):\n    pass\n":                                           true,
		"class Team(FlowSpec):\n    rate = Parameter(\"rate\")\n":                             true,
		"class Team(FlowSpec):\n    def helper(self):\n        pass\n":                        true,
		"class Train(FlowSpec):\n    pass\n":                                                  false,
		"class Train(FlowSpec):\n" + start:                                                    false,
		"class Train(FlowSpec):\n" + start + work:                                             false,
		"class TeamBase(FlowSpec):\n" + start + "    @step\n    def end(self): pass\n":        true,
		"class Team(FlowSpec):\n" + start + "    @step\n    def end(self): pass\n":            false,
		"class Database(FlowSpec):\n" + start + work:                                          false,
		"@tuned\nclass Train(FlowSpec):\n    def start(self):\n        pass\n":                false,
		"class TeamBase(FlowSpec):\n" + start + main + "TeamBase()\n":                         false,
		"class TeamBase(FlowSpec):\n" + start + main + "FlowSpec.main()\n":                    false,
		"class A(FlowSpec):\n" + start + "class B(A):\n" + work + main + "B()\n":              false,
		"class TeamBase(FlowSpec):\n    @step\n    def start(self):\n        pass\n":          false, // one step is a whole flow
		"class TeamBase(FlowSpec):\n" + start + work + "    @step\n    def end(self): pass\n": false,
	} {
		flows := build(t, head+src).Flows
		if last := flows[len(flows)-1]; last.Open != want {
			t.Errorf("%s\nopen %v (%s), want %v", src, last.Open, last.OpenReason, want)
		}
	}
}

// A file of parts is a library; and what a base reads may be its subclasses'.
func TestPartsForOtherFiles(t *testing.T) {
	const head = "from metaflow import FlowSpec, step\n"
	const withStart = "class WithStart(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.train)\n"
	const withEnd = "class WithEnd(FlowSpec):\n    @step\n    def end(self): pass\n"
	const withJoin = "class WithJoin(FlowSpec):\n    @step\n    def join(self, inputs):\n        self.next(self.end)\n"
	const whole = "class Ingest(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.end)\n    @step\n    def end(self): pass\n"
	const main = "if __name__ == \"__main__\":\n    "
	const open, template, neither = "open", "template", "neither"
	for src, want := range map[string]string{
		withStart:                      neither, // nobody knows what comes
		withEnd:                        template,
		withJoin:                       neither,
		withStart + whole:              neither + " " + neither,
		withStart + withEnd:            open + " " + template,
		withStart + withJoin + whole:   open + " " + open + " " + template,
		withEnd + main + "WithEnd()\n": neither,
		withStart + withJoin + whole + main + "Ingest()\n": neither + " " + neither + " " + neither,
		withStart + withJoin + main + "FlowSpec.main()\n":  neither + " " + neither,
		whole: neither,
		strings.ReplaceAll(whole, "Ingest", "BaseIngest"):                                                                                template,
		strings.ReplaceAll(whole, "Ingest", "BaseIngest") + main + "BaseIngest()\n":                                                      neither,
		"class Only(FlowSpec):\n    @step\n    def only(self): pass\n":                                                                   neither,
		"class BaseOnly(FlowSpec):\n    @step\n    def only(self): pass\n":                                                               template,
		"class F(FlowSpec):\n    @step(start=True)\n    def a(self):\n        self.next(self.end)\n    @step\n    def end(self): pass\n": neither,
	} {
		var got []string
		for _, f := range build(t, head+src).Flows {
			switch {
			case f.Open:
				got = append(got, open)
			case f.Template:
				got = append(got, template)
			default:
				got = append(got, neither)
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s\n%s, want %s", src, got, want)
		}
	}
}

// What a metaclass or a `step` of another library makes of a method is not in
// the file.
func TestStepsMadeByOthersAreOpaque(t *testing.T) {
	for i, test := range []struct {
		src    string
		opaque bool
	}{
		{"from metaflow import FlowSpec, step\nclass F(FlowSpec):\n    @step\n    def start(self): pass\n", false},
		{"from metaflow import FlowSpec, step\nclass F(FlowSpec, metaclass=Wired):\n    @step\n    def start(self): pass\n", true},
		{"from metaflow import FlowSpec\nfrom wired import step\nclass F(FlowSpec):\n    @step\n    def start(self): pass\n", true},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			if f := one(t, test.src); f.Steps[0].Opaque != test.opaque {
				t.Errorf("opaque %v, want %v: %s", f.Steps[0].Opaque, test.opaque, test.src)
			}
		})
	}
}

// The same file must always give the same text.
func TestReasonToBeOpenIsStable(t *testing.T) {
	src := "from metaflow import FlowSpec, step\nclass F(FlowSpec):\n    @step(start=A)\n    def z(self):\n        self.next(self.a)\n    @step(end=B)\n    def a(self): pass\n"
	for range 50 {
		if got, want := one(t, src).OpenReason, "the arguments of `@step` at `a` are not literals"; got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}

func TestAsides(t *testing.T) {
	s, _ := step(t, `
        if self.big:
            self.next(self.deep, foreach="items")
        elif self.odd:
            self.next({"a": self.left, "b": self.right}, condition="side")
        def later():
            self.next(self.never)
        self.items.append(self.flat)
        (self.next(self.end))
`)
	var got []string
	for _, a := range s.Asides {
		got = append(got, a.Name)
	}
	if want := []string{"deep", "left", "right"}; !slices.Equal(got, want) {
		t.Errorf("asides %v, want %v", got, want)
	}
}
