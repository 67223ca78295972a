from metaflow import FlowSpec, step


class Comprehension(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next({k: self.a for k in "ab"}, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Comprehension()
