from metaflow import FlowSpec, step


class Awaited(FlowSpec):
    @step
    async def start(self):
        await self.next(self.middle)

    @step
    def middle(self):
        self.next(self.end),

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Awaited()
