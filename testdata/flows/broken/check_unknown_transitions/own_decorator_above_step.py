from metaflow import FlowSpec, step


def traced(function):
    function.traced = True
    return function


class OwnDecorator(FlowSpec):
    @traced
    @step
    def start(self):
        self.next(self.edn)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    OwnDecorator()
