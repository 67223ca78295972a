from metaflow import FlowSpec, step


class Parent(FlowSpec):
    @step
    def start(self):
        self.next(self.middle)

    @step
    def middle(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Child(Parent):
    def start(self):
        self.setup = True
        self.next(self.middle)


if __name__ == "__main__":
    Child()
