package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"flowls/analysis/flow"
	"flowls/analysis/syntax"
	"flowls/analysis/text"
)

var opNames = map[flow.OpKind]string{
	flow.OpRead: "read", flow.OpAssign: "set", flow.OpAugment: "augment", flow.OpDelete: "del", flow.OpChange: "change", flow.OpGuard: "guard", flow.OpCall: "call",
	flow.OpSuper: "super", flow.OpNext: "next", flow.OpMerge: "merge", flow.OpEscape: "escape", flow.OpInput: "input", flow.OpInputsEscape: "inputs",
	flow.OpInputsItem: "item", flow.OpInputsMember: "member", flow.OpLocal: "local", flow.OpCurrent: "current", flow.OpImport: "import", flow.OpReturn: "return", flow.OpRaise: "raise", flow.OpBreak: "break",
	flow.OpContinue: "continue", flow.OpYield: "yield", flow.OpAwait: "await", flow.OpIf: "if", flow.OpLoop: "loop", flow.OpTry: "try",
	flow.OpWith: "with", flow.OpNested: "nested",
}

// show writes ops in one line: kind, branch and name, then the blocks. It
// leaves out locals and checks that every span lies in the file.
func show(t *testing.T, src string, base int, ops []flow.Op) string {
	var parts []string
	for _, op := range ops {
		if op.Kind == flow.OpLocal {
			continue
		}
		s := opNames[op.Kind]
		if op.Exhaustive {
			s += "!"
		}
		if op.Each {
			s += "*"
		}
		if op.Inputs {
			s += "="
		}
		if op.Branch != "" {
			s += " " + op.Branch + "."
		}
		if op.Name != "" {
			s += " " + op.Name
			if at := src[base+op.Span.Start : base+op.Span.End]; !strings.Contains(at, op.Name) {
				t.Errorf("%s is said to stand at %q", op.Name, at)
			}
		}
		for _, b := range op.Blocks {
			s += " {" + show(t, src, base, b) + "}"
		}
		parts = append(parts, s)
	}
	return strings.ReplaceAll(strings.Join(parts, ", "), "  ", " ")
}

func codeOf(t *testing.T, header, body string) (*flow.Method, string) {
	t.Helper()
	src := "from metaflow import FlowSpec, step\nclass F(FlowSpec):\n    @step\n    " + header + ":\n        " + strings.ReplaceAll(strings.TrimSpace(body), "\n", "\n        ") + "\n"
	tx := text.New([]byte(src))
	tree := syntax.Parse(tx)
	defer tree.Close()
	if tree.HasError() {
		t.Fatalf("not Python: %s", src)
	}
	return flow.Build(tx, tree.AST(nil)).Flows[0].Steps[0].Method, src
}

func TestCode(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"self.x = 1", "set x"},
		{"self.x: int = self.y", "read y, set x"},
		{"self.x: int", ""},
		{"self.x += self.y", "read y, augment x"},
		{"self.a, (self.b, c) = self.f(self.g)", "read g, call f, set a, set b"},
		{"self.a = self.b = self.c", "read c, set b, set a"},
		{"self.d['k'] = self.v", "read v, read d, change d"},
		{"self.d.k = 1", "read d, change d"},
		{"del self.d['a']['b'], self.d.k", "read d, change d, read d, change d"},
		{"self.d[i] += 1\nself.d['l'][0] = 1\nself.d.copy()['a'] = 1", "read d, change d, read d, read d"},
		{"self.d.update(a=self.v)\nself.d['l'].pop()\nself.d.pop(1)", "read d, read v, change d, read d, read d, change d"},
		{"self.d.append(self.v)", "read d, read v"},
		{"del self.x, self.y", "del x, del y"},
		{"if self.a:\n    self.b = 1\nelif self.c:\n    self.d = 1\nelse:\n    self.e = 1", "read a, if! {set b} {read c, if! {set d} {set e}}"},
		{"if self.a:\n    return\nelif x:\n    pass", "read a, if {return} {}"},
		{"for self.i in self.xs:\n    self.y = 1\nelse:\n    self.z = 1", "read xs, loop {set i, set y} {set z}"},
		{"while True:\n    self.x = 1\n    break", "loop! {set x, break} {}"},
		{"while self.n:\n    self.n -= 1", "read n, loop {augment n, read n} {}"},
		{"try:\n    self.x\nexcept AttributeError:\n    self.x = 0\nelse:\n    self.y = 1\nfinally:\n    self.z = 2", "try! {read x} {set y} {set z} {set x}"},
		{"try:\n    self.x = 1\nexcept (ValueError, KeyError) as e:\n    raise", "try {set x} {} {} {raise}"},
		{"try:\n    self.x = 1\nexcept:\n    pass", "try! {set x} {} {} {}"},
		{"with open(self.p) as self.f, lock:\n    self.x = 1", "read p, set f, with {set x}"},
		{"match self.k:\n    case 'a':\n        self.x = 1\n    case [b, *rest] if self.g:\n        self.y = 1\n    case _:\n        pass", "read k, if! {set x} {read g, set y} {}"},
		{"z = [self.a for self.a in xs]\ny = {k: self.b for k, (self.b, *_) in self.d.items()}", "loop {set a, read a} {}, read d, loop {set b, read b} {}"},
		{"z = [self.f(i) for i in self.xs if self.ok]", "read xs, loop {read ok, if {call f}} {}"},
		{"z = {self.k: self.v for self_ in self.xs}", "read xs, loop {read k, read v} {}"},
		{"f = lambda i, d=self.d: self.x + i", "read d, nested {read x}"},
		{"def f(a=self.d):\n    self.x = 1\nf()", "read d, nested {set x}"},
		{"def f(self):\n    self.x = 1", ""},
		{"z = self.a and self.b or self.c", "read a, if {read b}, if {read c}"},
		{"z = self.a if self.t else self.b", "read t, if! {read a} {read b}"},
		{"z = f'{self.x:>{self.w}}'", "read x, read w"},
		{"z = (self.x + 1) * -self.y[self.i] < self.z", "read x, read y, read i, read z"},
		{"if hasattr(self, 'x'):\n    z = getattr(self, 'y', 0)", "guard x, if {guard y}"},
		{"if 'x' in self.__dict__ and 'y' not in vars(self): pass", "guard x, if {guard y}, if {}"},
		{"setattr(self, 'x', self.y)\nz = getattr(self, 'x')\ndelattr(self, 'x')", "read y, set x, read x, del x"},
		{"setattr(self, name, 1)", "escape"},
		{"getattr(self, name)", ""},
		{"helper(self)", "escape"},
		{"self.__dict__.update(a=1)", "escape"},
		{"super().start()", "super start"},
		{"print(self.x, sep=self.y)", "read x, read y"},
		{"self.next(self.a, self.b)", "next next"},
		{"self.next({'a': self.a}, condition=self.c)", "read c, next next"},
		{"current.card.append(x)\nmf.current.run_id", "current current.card.append, current mf.current.run_id"},
		{"import a.b, c as d\nfrom e.f import g\nfrom . import h", "import a.b, import c, import e.f, import ."},
		{"(z := self.q)", "read q"},
		{"if self.a:\n    assert False, self.b\nelif b:\n    assert 0\nelse:\n    typing.assert_never(self.c)", "read a, if! {read b, raise} {raise} {read c, raise}"},
		{"assert 1\nassert (False, 'always true')\nassert not self.a", "read a"},
		{"assert self.a, self.b\nreturn self.c", "read a, read b, read c, return"},
		{"x = yield self.a", "read a, yield"},
		{"async def f():\n    await self.x", "nested {read x, await}"},
	} {
		m, src := codeOf(t, "def start(self)", c.body)
		if got := show(t, src, m.Base, m.Code().Ops); got != c.want {
			t.Errorf("%s\n got  %s\n want %s", c.body, got, c.want)
		}
	}
}

func TestCodeOfJoin(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"self.x = inputs.left.x", "input left. x, set x"},
		{"self.x = inputs[0].x", "item, input x, set x"},
		{"self.xs = [i.x for i in inputs if i.ok]", "loop {input* ok, if {input* x}} {}, set xs"},
		{"for i in inputs:\n    self.t += i.n", "loop {input* n, augment t} {}"},
		{"self.best = max(inputs, key=lambda i: i.score).model", "nested {input score}, input model, set best"},
		{"self.merge_artifacts(inputs, exclude=['a'])", "merge merge_artifacts"},
		{"a = inputs.left\nself.x = a.x", "member left, input x, set x"},
		{"f(inputs)", "inputs"},
		{"self.b = max(inputs.score)\nfor k in inputs.items(): pass", "member score, set b, member items, loop {} {}"},
		{"inputs.x = 1\nhasattr(inputs, 'y') and inputs.y", "inputs, guard y, if {member y}"},
		{"n = len(list(inputs))", ""},
		{"ins = inputs\nself.x = ins[0].x", "input x, set x"},
		{"for n, i in enumerate(inputs):\n    i.x", "loop {input* x} {}"},
		{"for name, i in zip(self.names, inputs):\n    i.x", "read names, loop {input x} {}"},
		{"for i in sorted(inputs, key=lambda i: i.n):\n    i.x", "nested {input n}, loop {input* x} {}"},
		{"self.x = [i for i in inputs if i.ok][0].x", "loop {input* ok} {}, input x, set x"},
		{"self.x = next(iter(inputs)).x", "input x, set x"},
		{"good = [i for i in inputs if not i.error]\nself.x = [g.x for g in good]", "loop {input* error} {}, loop {input x} {}, set x"},
		{"for i in inputs[1:]:\n    i.x", "loop {input x} {}"},
		{"for i in list(inputs):\n    hasattr(i, 'y') and i.y", "loop {guard y, if {input* y}} {}"},
		{"self.x = getattr(inputs[0], 'x')", "item, input x, set x"},
		{"self.best = inputs[0]\nself.all = list(inputs)\nself.ins = inputs", "item, set= best, set= all, set= ins"},
		{"sys.exit(1)", "raise"},
		{"if n:\n    return (sys.exit(self.x))\nreturn self.fail()", "if {read x, raise}, call fail, return"},
		{"if n:\n    pytest.fail('x')\nlog.info('x')", "if {raise}"},
		{"with contextlib.suppress(KeyError):\n    self.x = 1", "with! {set x}"},
	} {
		m, src := codeOf(t, "def join(self, inputs)", c.body)
		if got := show(t, src, m.Base, m.Code().Ops); got != c.want {
			t.Errorf("%s\n got  %s\n want %s", c.body, got, c.want)
		}
	}
}

func TestValue(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"1_000", "Int 1000"}, {"-4", "Int -4"}, {"1.50", "Float 1.5"}, {"True", "Bool True"}, {"None", "None"}, {"'a' \"b\"", "String ab"},
		{"b'x'", "Bytes x"}, {"f'{a}'", "FString f'{a}'"}, {"[1, *a]", "List… [Int 1]"}, {"(1, 'a')", "Tuple [Int 1 String a]"}, {"()", "Tuple []"},
		{"{1, 2}", "Set [Int 1 Int 2]"}, {"{'a': [1], **b}", "Dict… String a:List [Int 1]"}, {"a.b", "Name a.b"}, {"a[0].b", "Expression"},
		{"np.zeros(3, dtype=x)", "Call np.zeros [Int 3] dtype=Name x"}, {"(x for x in y)", "Generator"}, {"lambda: 1", "Lambda"}, {"[i for i in x]", "ListComp"},
		{"f(x for x in y)", "Call f [Generator]"}, {"a + b", "Expression"}, {"a < b", "Test"}, {"not a", "Test"}, {"1 if a else b", "Choice [Int 1 Name b]"}, {"1.0", "Float 1"}, {"...", "Ellipsis"}, {"1j", "Complex 1j"}, {"((2))", "Int 2"},
	} {
		m, src := codeOf(t, "def start(self)", "self.x = "+c.src)
		ops := m.Code().Ops
		v := ops[len(ops)-1].Value
		if got := describeValue(*v); got != c.want {
			t.Errorf("%s is %s, want %s", c.src, got, c.want)
		}
		if at := src[m.Base+v.Span.Start : m.Base+v.Span.End]; strings.Trim(at, "()") != strings.Trim(c.src, "()") {
			t.Errorf("%s is said to stand at %q", c.src, at)
		}
	}
}

var valueNames = []string{"Expression", "String", "FString", "Bytes", "Int", "Float", "Complex", "Bool", "None", "Ellipsis", "List", "Tuple", "Set",
	"Dict", "Name", "Call", "Lambda", "Generator", "ListComp", "SetComp", "DictComp", "BadExpression", "Test", "Choice"}

func describeValue(v flow.Value) string {
	s := valueNames[v.Kind]
	if v.Unpacks {
		s += "…"
	}
	if v.Text != "" && v.Kind != flow.None && v.Kind != flow.Ellipsis {
		s += " " + v.Text
	}
	var items []string
	for i, item := range v.Items {
		if v.Kind == flow.Dict {
			s += " " + describeValue(v.Keys[i]) + ":" + describeValue(item)
			continue
		}
		items = append(items, describeValue(item))
	}
	if items != nil || v.Kind == flow.Tuple {
		s += fmt.Sprint(" ", items)
	}
	for _, k := range v.Keywords {
		s += " " + k.Name + "=" + describeValue(k.Value)
	}
	return s
}
