from metaflow import FlowSpec, step


class Base:
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Derived(Base, FlowSpec):
    @step(start=True)
    def warm_up(self):
        self.next(self.start)


if __name__ == "__main__":
    Derived()
