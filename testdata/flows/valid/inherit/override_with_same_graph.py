from metaflow import FlowSpec, retry, step


class Template(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


class Concrete(Template):
    @retry(times=2)
    @step
    def a(self):
        self.value = "better"
        self.next(self.join)

    def helper(self):
        return 1


if __name__ == "__main__":
    Concrete()
