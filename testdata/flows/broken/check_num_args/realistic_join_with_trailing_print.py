"""The join prints after its transition, so that Metaflow takes it for a split."""

import json

from metaflow import FlowSpec, Parameter, step


class Summaries(FlowSpec):
    files = Parameter("files", default="a,b", separator=",")

    @step
    def start(self):
        self.next(self.read, foreach="files")

    @step
    def read(self):
        self.size = len(self.input)
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.sizes = {i.input: i.size for i in inputs}
        self.next(self.end)
        print(json.dumps(self.sizes))

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Summaries()
