from metaflow import FlowSpec, step


class Parent(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Child(Parent):
    def end(self):
        print("forgot the decorator")


if __name__ == "__main__":
    Child()
