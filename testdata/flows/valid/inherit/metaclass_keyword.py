# The class statement hands a keyword on to the metaclass's hook.
from metaflow import FlowSpec, step


class Hooked(FlowSpec):
    def __init_subclass__(cls, tag=None, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.tag = tag

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Hooked()
