# Within the class body step is still Metaflow's.
from metaflow import FlowSpec, step


class step(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    step()
