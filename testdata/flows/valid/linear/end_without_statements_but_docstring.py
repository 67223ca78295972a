from metaflow import FlowSpec, step


class DocumentedEnd(FlowSpec):
    """The end step has nothing but a docstring."""

    @step
    def start(self):
        """Nothing to do."""
        self.next(self.end)

    @step
    def end(self):
        """All is said."""


if __name__ == "__main__":
    DocumentedEnd()
