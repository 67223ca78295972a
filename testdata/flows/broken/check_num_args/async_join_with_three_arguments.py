from metaflow import FlowSpec, step


class AsyncTooMany(FlowSpec):
    @step
    def start(self):
        self.next(self.work)

    @step
    async def work(
        self,
        inputs,
        session=None,
    ):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    AsyncTooMany()
