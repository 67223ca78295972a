from metaflow import FlowSpec, step

if True:

    class Indented(FlowSpec):
        """The class itself is indented."""

        @step
        def start(self):
            self.data = """
no indent here
"""
            self.next(self.work)

        @step
        def work(self):
            self.next(self.end)

        @step
        def end(self):
            pass


if __name__ == "__main__":
    Indented()
