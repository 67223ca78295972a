from metaflow import FlowSpec, step


class EmptyDict(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next({}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    EmptyDict()
