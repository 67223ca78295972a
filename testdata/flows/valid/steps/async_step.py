# An async step passes the linter, whatever happens later.
import asyncio

from metaflow import FlowSpec, step


class AsyncFlow(FlowSpec):
    @step
    async def start(self):
        await asyncio.sleep(0)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    AsyncFlow()
