# Parentheses disappear in Python's syntax tree.
from metaflow import FlowSpec, step


class Wrapped(FlowSpec):
    @step
    def start(self):
        (((self.next((self).middle))))

    @step
    def middle(self):
        (
            # a comment inside of the parentheses
            self.next(self.end)
        )

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Wrapped()
