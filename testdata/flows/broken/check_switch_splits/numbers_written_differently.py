from metaflow import FlowSpec, step


class SameNumber(FlowSpec):
    @step
    def start(self):
        self.c = 16
        self.next({16: self.end, 0x10: self.end, 0b1_0000: self.end, 0o20: self.end, 16.0: self.end, 1.6e1: self.end}, condition="c")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SameNumber()
