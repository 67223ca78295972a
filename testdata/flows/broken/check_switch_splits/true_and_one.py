from metaflow import FlowSpec, step


class TrueAndOne(FlowSpec):
    @step
    def start(self):
        self.c = True
        self.next({True: self.end, 1: self.end}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TrueAndOne()
