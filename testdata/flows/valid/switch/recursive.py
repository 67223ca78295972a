from metaflow import FlowSpec, step


class Loop(FlowSpec):
    @step
    def start(self):
        self.i = 0
        self.next(self.loop)

    @step
    def loop(self):
        self.i += 1
        self.state = "more" if self.i < 3 else "stop"
        self.next({"more": self.loop, "stop": self.end}, condition="state")

    @step
    def end(self):
        print(self.i)


if __name__ == "__main__":
    Loop()
