# Class bodies may branch; the branch that runs brings the steps.
import sys

from metaflow import FlowSpec, step


class Conditional(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    if sys.version_info >= (3, 0):

        @step
        def end(self):
            pass


if __name__ == "__main__":
    Conditional()
