from metaflow import FlowSpec, retry, step


class ColumnZero(FlowSpec):
# a comment that is not indented
    @step
# between the decorator and the function
    def start(self):
# in the body
        self.x = [
# in an expression
            1,
        ]
        self.next(self.middle)

#    @retry
    @step
#    @retry(times=2)
    def middle(self):
        if self.x:
            self.y = 1
# before an else
        else:
            self.y = 2
        self.next(self.end)
# behind the transition

    @retry
# between two decorators
    @step
    def end(self):
        pass
# at the end of the class


if __name__ == "__main__":
    ColumnZero()
