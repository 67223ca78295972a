from metaflow import FlowSpec, Parameter, step


class Between(FlowSpec):
    alpha = Parameter("alpha", default=1)

    @step
    def start(self):
        self.next(self.a, self.b)

    def helper(self):
        return self.alpha

    @step
    def a(self):
        self.next(self.end)

    @staticmethod
    def other():
        return None

    @step
    def b(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Between()
