# The base cannot be told without running the file.
try:
    from shared_base import SharedMixin as Base
except ImportError:

    class Base:
        pass


from metaflow import FlowSpec, step


class Guarded(Base, FlowSpec):
    @step
    def work(self):
        self.next(self.end)


if __name__ == "__main__":
    Guarded()
