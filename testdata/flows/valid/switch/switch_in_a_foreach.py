from metaflow import FlowSpec, step


class RouteEach(FlowSpec):
    @step
    def start(self):
        self.items = [1, 20, 300]
        self.next(self.route, foreach="items")

    @step
    def route(self):
        self.bucket = "large" if self.input > 10 else "small"
        self.next({"small": self.small, "large": self.large}, condition="bucket")

    @step
    def small(self):
        self.out = self.input
        self.next(self.done_one)

    @step
    def large(self):
        self.out = self.input // 10
        self.next(self.done_one)

    @step
    def done_one(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.outs = [i.out for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.outs)


if __name__ == "__main__":
    RouteEach()
