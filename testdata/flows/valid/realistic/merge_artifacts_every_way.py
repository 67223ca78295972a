from metaflow import FlowSpec, Parameter, step


class MergeEveryWay(FlowSpec):
    """Joins: merge all, include, exclude, resolve by hand first, merge in a helper, merge nothing."""

    base = Parameter("base", default=10)

    def keep_common(self, inputs, *names):
        """merge_artifacts from a helper of the join"""
        self.merge_artifacts(inputs, include=list(names))

    @step
    def start(self):
        self.config = {"base": self.base}
        self.rows = [1, 2, 3]
        self.note = "from start"
        self.next(self.left, self.middle, self.right)

    @step
    def left(self):
        self.rows = [r + self.base for r in self.rows]
        self.left_only = "L"
        self.kind = "left"
        self.next(self.first_join)

    @step
    def middle(self):
        self.middle_only = sum(self.rows)
        self.kind = "middle"
        self.same_everywhere = (1, 2)
        self.next(self.first_join)

    @step
    def right(self):
        self.right_only = {"a": 1}
        self.kind = "right"
        self.same_everywhere = (1, 2)
        self.next(self.first_join)

    @step
    def first_join(self, inputs):
        # rows and kind differ between the branches: settle them before the merge
        self.rows = inputs.left.rows
        self.kind = "+".join(sorted(i.kind for i in inputs))
        self.merge_artifacts(inputs)
        assert self.note == "from start" and self.left_only == "L" and self.same_everywhere == (1, 2)
        self.total = self.middle_only + len(self.right_only)
        self.next(self.again)

    @step
    def again(self):
        self.next(self.again_a, self.again_b)

    @step
    def again_a(self):
        self.scratch = object.__name__ * 3
        self.answer_a = self.total + 1
        self.next(self.second_join)

    @step
    def again_b(self):
        self.scratch = "different"
        self.answer_b = self.total + 2
        self.next(self.second_join)

    @step
    def second_join(self, inputs):
        self.merge_artifacts(inputs, exclude=["scratch", "left_only"])
        print(self.answer_a, self.answer_b, self.kind)
        assert not hasattr(self, "scratch")
        self.next(self.fan)

    @step
    def fan(self):
        self.parts = [self.answer_a, self.answer_b, self.total]
        self.next(self.each, foreach="parts")

    @step
    def each(self):
        self.part = self.input
        self.weight = self.part / sum(self.parts)
        self.next(self.third_join)

    @step
    def third_join(self, inputs):
        self.keep_common(inputs, "parts", "config", "note")
        self.weights = [i.weight for i in inputs]
        self.heaviest = max(inputs, key=lambda i: i.weight).part
        self.next(self.split_once_more)

    @step
    def split_once_more(self):
        self.next(self.last_a, self.last_b)

    @step
    def last_a(self):
        self.done_a = True
        self.next(self.fourth_join)

    @step
    def last_b(self):
        self.done_b = True
        self.next(self.fourth_join)

    @step
    def fourth_join(self, inputs):
        # carries over what is needed, one by one
        a, b = inputs
        self.weights, self.parts = a.weights, b.parts
        self.done = a.done_a and b.done_b
        self.config = inputs[-1].config
        self.heaviest = inputs.last_a.heaviest
        self.next(self.end)

    @step
    def end(self):
        assert self.done and abs(sum(self.weights) - 1) < 1e-9
        print(self.parts, self.heaviest, self.config)


if __name__ == "__main__":
    MergeEveryWay()
