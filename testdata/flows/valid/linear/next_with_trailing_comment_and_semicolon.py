from metaflow import FlowSpec, step


class Punctuation(FlowSpec):
    @step
    def start(self):
        self.x = 1; self.next(self.middle);

    @step
    def middle(self):
        self.next(self.end)  # that was all
        # a comment after the transition changes nothing

    @step
    def end(self): pass


if __name__ == "__main__":
    Punctuation()
