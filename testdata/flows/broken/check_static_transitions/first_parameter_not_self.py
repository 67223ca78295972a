from metaflow import FlowSpec, step


class NotSelf(FlowSpec):
    @step
    def start(this):
        this.next(this.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NotSelf()
