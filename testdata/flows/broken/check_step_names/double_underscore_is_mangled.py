# The class renames __secret to _Mangled__secret; the transition keeps the name as written.
from metaflow import FlowSpec, step


class Mangled(FlowSpec):
    @step
    def start(self):
        self.next(self.__secret)

    @step
    def __secret(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Mangled()
