from typing import TYPE_CHECKING

from metaflow import FlowSpec, step

if TYPE_CHECKING:
    from nowhere import Something


class TypeChecked(FlowSpec):
    @step
    def start(self: "Something"):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TypeChecked()
