from metaflow import FlowSpec, step


class UnknownCase(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next(
            {
                "a": self.first,
                "b": self.secnod,
            },
            condition="c",
        )

    @step
    def first(self):
        self.next(self.end)

    @step
    def second(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    UnknownCase()
