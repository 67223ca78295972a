from metaflow import FlowSpec, step


class Parent(FlowSpec):
    @step
    def start(self):
        self.next(self.old)

    @step
    def old(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Child(Parent):
    @step
    def start(self):
        self.next(self.new)

    @step
    def new(self):
        self.next(self.end)


if __name__ == "__main__":
    Child()
