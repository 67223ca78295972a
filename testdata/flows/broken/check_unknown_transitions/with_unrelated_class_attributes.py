from metaflow import FlowSpec, step


def compute():
    return 3


class Attributes(FlowSpec):
    limit = compute()
    names = [n for n in ("a", "b")]
    table = {"k": len}
    render = str.upper

    @step
    def start(self):
        self.next(self.ende)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Attributes()
