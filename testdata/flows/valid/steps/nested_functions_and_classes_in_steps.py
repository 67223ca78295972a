from metaflow import FlowSpec, step


class Nested(FlowSpec):
    @step
    def start(self):
        def finish(self):
            self.next(self.nope)

        class Local:
            def next(self, x):
                return x

        self.value = Local().next(4)
        self.next(self.compute)

    @step
    def compute(self):
        async def inner():
            return [x async for x in source()]

        async def source():
            yield self.value

        self.kind = type(inner).__name__
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Nested()
