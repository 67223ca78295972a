from metaflow import FlowSpec, step


class Ghosts(FlowSpec):
    @step
    def start(self):
        self.next(self.zombie)

    @step
    def middle(self):
        self.next(self.vampire)

    @step
    def another(self):
        self.next(self.werewolf)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Ghosts()
