from metaflow import FlowSpec, step


class MapMap(FlowSpec):
    @step
    def start(self):
        self.shards = [0, 1]
        self.next(self.extract, foreach="shards")

    @step
    def extract(self):
        self.rows = [self.input] * 3
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.rows = [r for i in inputs for r in i.rows]
        self.next(self.fan_again)

    @step
    def fan_again(self):
        self.next(self.transform, foreach="rows")

    @step
    def transform(self):
        self.out = self.input + 1
        self.next(self.collect_again)

    @step
    def collect_again(self, inputs):
        self.out = [i.out for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    MapMap()
