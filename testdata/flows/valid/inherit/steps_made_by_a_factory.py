# A function makes the end step.
from metaflow import FlowSpec, step


def made(text):
    @step
    def anonymous(self):
        print(text)

    return anonymous


class Factory(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    end = made("bye")


if __name__ == "__main__":
    Factory()
