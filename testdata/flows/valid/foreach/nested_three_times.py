from metaflow import FlowSpec, step


class Cube(FlowSpec):
    @step
    def start(self):
        self.xs = [0, 1]
        self.next(self.x, foreach="xs")

    @step
    def x(self):
        self.ys = [0, 1]
        self.next(self.y, foreach="ys")

    @step
    def y(self):
        self.zs = [0, 1]
        self.next(self.z, foreach="zs")

    @step
    def z(self):
        self.point = tuple(frame[2] for frame in self.foreach_stack())
        self.next(self.join_z)

    @step
    def join_z(self, inputs):
        self.next(self.join_y)

    @step
    def join_y(self, inputs):
        self.next(self.join_x)

    @step
    def join_x(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Cube()
