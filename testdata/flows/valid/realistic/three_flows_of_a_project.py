"""Three flows of one project, in the order in which they trigger each other."""

from metaflow import FlowSpec, Parameter, project, schedule, step, trigger_on_finish


class Checked:
    @staticmethod
    def check(rows):
        if not rows:
            raise ValueError("no rows")
        return rows


@schedule(hourly=True)
@project(name="shop")
class Ingest(FlowSpec, Checked):
    source = Parameter("source", default="s3")

    @step
    def start(self):
        self.pages = [1, 2, 3]
        self.next(self.page, foreach="pages")

    @step
    def page(self):
        self.rows = [{"page": self.input, "n": n} for n in range(2)]
        self.next(self.merge)

    @step
    def merge(self, inputs):
        self.rows = self.check([r for i in inputs for r in i.rows])
        self.next(self.end)

    @step
    def end(self):
        pass


@trigger_on_finish(flow="Ingest")
@project(name="shop")
class Clean(FlowSpec, Checked):
    @step
    def start(self):
        self.rows = [{"n": 1}, {"n": None}]
        self.next(self.drop_null, self.count_null)

    @step
    def drop_null(self):
        self.kept = [r for r in self.rows if r["n"] is not None]
        self.next(self.combine)

    @step
    def count_null(self):
        self.nulls = sum(r["n"] is None for r in self.rows)
        self.next(self.combine)

    @step
    def combine(self, inputs):
        self.merge_artifacts(inputs)
        self.next(self.end)

    @step
    def end(self):
        print(self.kept, self.nulls)


@trigger_on_finish(flow="Clean")
@project(name="shop")
class Publish(FlowSpec):
    @step(start=True, end=True)
    def publish(self):
        print("published")


if __name__ == "__main__":
    import sys

    flows = {"clean": Clean, "publish": Publish}
    flows.get(sys.argv[-1], Ingest)()
