from metaflow import FlowSpec, step


class AsyncOneCase(FlowSpec):
    @step
    def start(self):
        self.next(self.ask)

    @step
    async def ask(self):
        self.c = 3
        self.next({3: self.end}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    AsyncOneCase()
