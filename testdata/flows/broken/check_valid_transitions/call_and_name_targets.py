from metaflow import FlowSpec, step


def pick():
    return None


class CallTarget(FlowSpec):
    @step
    def start(self):
        self.next(self.a())

    @step
    def a(self):
        end = self.end
        self.next(end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CallTarget()
