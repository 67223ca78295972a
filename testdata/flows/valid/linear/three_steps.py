from metaflow import FlowSpec, step


class GreetFlow(FlowSpec):
    """Says hello in three steps."""

    @step
    def start(self):
        self.who = "world"
        self.next(self.greet)

    @step
    def greet(self):
        print(f"hello {self.who}")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    GreetFlow()
