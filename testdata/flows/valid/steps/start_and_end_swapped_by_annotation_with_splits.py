from metaflow import FlowSpec, step


class Swapped(FlowSpec):
    @step(start=True)
    def open_doors(self):
        self.guests = ["ann", "bob"]
        self.next(self.welcome, foreach="guests")

    @step
    def welcome(self):
        self.greeting = f"hi {self.input}"
        self.next(self.gather)

    @step
    def gather(self, guests):
        self.greetings = [g.greeting for g in guests]
        self.next(self.close_doors)

    @step(end=True)
    def close_doors(self):
        print(self.greetings)


if __name__ == "__main__":
    Swapped()
