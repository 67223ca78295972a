from metaflow import FlowSpec, step


class Root:
    @step
    def start(self):
        self.next(self.root_only)

    @step
    def end(self):
        pass


class Left(Root):
    @step
    def start(self):
        self.next(self.left)

    @step
    def left(self):
        self.next(self.shared)

    @step
    def shared(self):
        self.next(self.end)


class Right(Root):
    @step
    def shared(self):
        self.next(self.right)

    @step
    def right(self):
        self.next(self.end)


class Bottom(Left, Right, FlowSpec):
    """shared comes from Left, so that right must be called by someone."""

    @step
    def shared(self):
        self.next(self.right)


if __name__ == "__main__":
    Bottom()
