from metaflow import FlowSpec, step


class RingOfSwitches(FlowSpec):
    @step
    def start(self):
        self.next(self.poll)

    @step
    def poll(self):
        self.s = "wait"
        self.next({"wait": self.poll, "ready": self.handle}, condition="s")

    @step
    def handle(self):
        self.t = "more"
        self.next({"more": self.poll, "done": self.end}, condition="t")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    RingOfSwitches()
