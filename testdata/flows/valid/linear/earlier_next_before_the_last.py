# The linter looks at the last statement only.
from metaflow import FlowSpec, step


class Twice(FlowSpec):
    @step
    def start(self):
        self.ok = True
        if not self.ok:
            self.next(self.unknown_step)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Twice()
