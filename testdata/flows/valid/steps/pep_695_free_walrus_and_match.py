from metaflow import FlowSpec, step


class Modern(FlowSpec):
    @step
    def start(self):
        if (n := len("modern")) > 3:
            self.n = n
        else:
            self.n = 0
        self.next(self.pick)

    @step
    def pick(self):
        match self.n:
            case 0:
                self.kind = "none"
            case 6 | 7:
                self.kind = "some"
            case _:
                self.kind = "many"
        self.next(self.end)

    @step
    def end(self):
        try:
            print(f"{self.kind=!r:>10} {'nested'!s}")
        except* ValueError:
            pass


if __name__ == "__main__":
    Modern()
