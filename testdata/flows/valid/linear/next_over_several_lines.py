from metaflow import FlowSpec, step


class Spread(FlowSpec):
    @step
    def start(self):
        self.next(
            # where to go
            self.middle,
        )

    @step
    def middle(self):
        (self
         .next(
             self
             .end
         ))

    @step
    def end(self):
        print("spread")


if __name__ == "__main__":
    Spread()
