from metaflow import FlowSpec, step, Parameter, current, catch
import enum, random
ROUTES = ("a", "b")
class K(enum.IntEnum):
    LOW = 1
    HIGH = 2
class CorrelatedReads(FlowSpec):
    kind = Parameter("kind", default="a")
    level = Parameter("level", default=1)
    flag = Parameter("flag", default=True)
    @step
    def start(self):
        self.route = self.kind if self.kind in ROUTES else "default"
        self.n = 0
        self.next({"a": self.a, "b": self.b, "default": self.c}, condition="route")
    @step
    def a(self):
        self.res = "a"
        self.only_a = 1
        self.next(self.merge)
    @step
    def b(self):
        self.res = "b"
        self.next(self.merge)
    @step
    def c(self):
        self.res = "c"
        self.next(self.merge)
    @step
    def merge(self):
        print(self.res, self.only_a if self.route == "a" else None)
        if self.route == "a" and self.only_a > 0:
            print("x")
        only = self.only_a if hasattr(self, "only_a") else None
        extra = {"a": lambda: self.only_a, "b": lambda: 0}[self.route]()
        if self.route != "a":
            self.only_a = 0
        print(self.only_a)
        self.next({"a": self.p1, "b": self.p2}, condition="kind")
    @step
    def p1(self):
        self.next(self.loop)
    @step
    def p2(self):
        self.next(self.loop)
    @step
    def loop(self):
        self.n += 1
        if self.n == 1:
            self.first_seen = "x"
        else:
            print(self.first_seen)
        self.again = self.n < 3
        if self.n > 1:
            print(self.prev)
        self.prev = self.n
        self.next({True: self.loop, False: self.lvl}, condition="again")
    @step
    def lvl(self):
        self.k = K.LOW.value
        self.k = int(K(self.level))
        self.verdict = "pass" if self.n else "fail"
        self.verdict = self.verdict.upper()
        self.next({"PASS": self.fork, "FAIL": self.retry_it}, condition="verdict")
    @step
    def retry_it(self):
        self.retried = True
        self.next(self.fork)
    @step
    def fork(self):
        if self.verdict == "FAIL":
            print(self.retried)
        self.xs = [1, 2]
        self.next(self.each, foreach="xs")
    @step
    def each(self):
        self.parity = "even" if self.input % 2 == 0 else "odd"
        self.next({"even": self.even, "odd": self.odd}, condition="parity")
    @step
    def even(self):
        self.out = self.input
        self.next(self.done)
    @step
    def odd(self):
        self.out = -self.input
        self.odd_only = 1
        self.next(self.done)
    @step
    def done(self):
        self.tag = f"{self.out}"
        self.next(self.join)
    @step
    def join(self, inputs):
        self.outs = [i.out for i in inputs]
        self.odds = [i.odd_only for i in inputs if i.parity == "odd"]
        self.odds2 = [i.odd_only for i in inputs if hasattr(i, "odd_only")]
        self.merge_artifacts(inputs, exclude=["out", "tag", "parity", "odd_only"])
        self.next(self.end)
    @step
    def end(self):
        print(self.outs, self.odds, self.first_seen, self.n, self.res)
if __name__ == "__main__":
    CorrelatedReads()
