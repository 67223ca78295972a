from metaflow import FlowSpec, step


class PythonTwo(FlowSpec):
    @step
    def start(self):
        print "hello"
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    PythonTwo()
