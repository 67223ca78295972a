from metaflow import FlowSpec, step


class Stubs(FlowSpec):
    @step
    def start(self):
        ...

    @step
    def middle(self): pass

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Stubs()
