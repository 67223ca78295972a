from metaflow import FlowSpec, step


class Base:
    def prepare(self):
        self.prepared = True

    @step
    def start(self):
        self.prepare()
        self.next(self.end)


class Child(Base, FlowSpec):
    def prepare(self):
        super().prepare()
        self.child = True

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Child()
