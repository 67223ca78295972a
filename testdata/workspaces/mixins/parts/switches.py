from metaflow import step


class Chooses:
    @step
    def work(self):
        self.size = "big" if self.rate > 0.1 else "small"
        self.next({"big": self.big, "small": self.small}, condition="size")
