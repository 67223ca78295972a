from metaflow import FlowSpec, step


class SelfStart(FlowSpec):
    @step
    def start(self):
        self.again = "no"
        self.next({"yes": self.start, "no": self.end}, condition="again")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SelfStart()
