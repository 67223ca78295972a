# In a switch the object in front must be self, unlike in the other forms.
from metaflow import FlowSpec, step


class ClassValue(FlowSpec):
    @step
    def start(self):
        self.c = "a"
        self.next({"a": ClassValue.a, "b": self.end}, condition="c")

    @step
    def a(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ClassValue()
