try:
    from metaflow import FlowSpec, step
except ImportError:
    raise SystemExit("pip install metaflow")

try:
    import numpy as np
except ImportError:
    np = None


class Guarded(FlowSpec):
    @step
    def start(self):
        self.has_numpy = np is not None
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Guarded()
