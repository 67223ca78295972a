from metaflow import FlowSpec, step


class BadDedent(FlowSpec):
    @step
    def start(self):
        if True:
            self.x = 1
          self.y = 2
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    BadDedent()
