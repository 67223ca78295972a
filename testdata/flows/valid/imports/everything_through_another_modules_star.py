# FlowSpec and step themselves come out of another module's star.
from shared_steps import *


class Starred(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Starred()
