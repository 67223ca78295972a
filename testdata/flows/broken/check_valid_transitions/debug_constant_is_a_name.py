from metaflow import FlowSpec, step


class DebugKey(FlowSpec):
    @step
    def start(self):
        self.c = True
        self.next({__debug__: self.end, 2: self.end}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    DebugKey()
