from metaflow import FlowSpec, step


class Base(FlowSpec):
    @step
    def start(self):
        self.next(self.work)

    @step
    def work(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Derived(Base):
    @step
    def work(self):
        self.extra = True
        self.next(self.more)

    @step
    def more(self):
        self.next(self.end)


if __name__ == "__main__":
    Derived()
