from metaflow import FlowSpec, step


class Parent(FlowSpec):
    @step
    def start(self):
        self.next(self.work)

    @step
    def work(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Child(Parent):
    def work(self):
        self.next(self.end)


if __name__ == "__main__":
    Child()
