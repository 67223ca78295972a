import metaflow as mf


class Common(mf.FlowSpec):
    @mf.step
    def start(self):
        self.next(self.fetch)

    @mf.step
    def fetch(self):
        self.next(self.end)

    @mf.step
    def end(self):
        pass


Parent = Common


class Child(Common):
    @mf.step
    def fetch(self):
        self.next(self.check)

    @mf.step
    def check(self):
        self.next(self.end)


class Grandchild(Child):
    @mf.step
    def check(self):
        self.next(self.audit)

    @mf.step
    def audit(self):
        self.next(self.end)


if __name__ == "__main__":
    Grandchild()
