from metaflow import FlowSpec, step


class SkipAhead(FlowSpec):
    @step
    def start(self):
        self.cached = "no"
        self.next({"yes": self.publish, "no": self.build, "never": self.end}, condition="cached")

    @step
    def build(self):
        self.quality = "ok"
        self.next({"ok": self.publish, "poor": self.repair}, condition="quality")

    @step
    def repair(self):
        self.next(self.publish)

    @step
    def publish(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SkipAhead()
