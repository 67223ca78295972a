from metaflow import FlowSpec, step


class Grid(FlowSpec):
    @step
    def start(self):
        self.rows = ["a", "b"]
        self.next(self.row, foreach="rows")

    @step
    def row(self):
        self.label = self.input
        self.cols = [1, 2, 3]
        self.next(self.cell, foreach="cols")

    @step
    def cell(self):
        self.name_ = f"{self.label}{self.input}"
        self.next(self.row_join)

    @step
    def row_join(self, inputs):
        self.cells = [i.name_ for i in inputs]
        self.next(self.grid_join)

    @step
    def grid_join(self, inputs):
        self.grid = [i.cells for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.grid)


if __name__ == "__main__":
    Grid()
