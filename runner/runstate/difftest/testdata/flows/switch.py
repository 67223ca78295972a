from metaflow import FlowSpec, step


class Switch(FlowSpec):
    @step
    def start(self):
        self.route = "left"
        self.next({"left": self.left, "right": self.right}, condition="route")

    @step
    def left(self):
        self.rounds = 0
        self.next(self.loop)

    @step
    def right(self):
        self.rounds = 10
        self.next(self.loop)

    @step
    def loop(self):
        self.rounds = self.rounds + 1
        self.again = "yes" if self.rounds < 3 else "no"
        self.next({"yes": self.loop, "no": self.end}, condition="again")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Switch()
