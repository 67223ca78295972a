from metaflow import FlowSpec, step


class BreakOutside(FlowSpec):
    @step
    def start(self):
        if True:
            break
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    BreakOutside()
