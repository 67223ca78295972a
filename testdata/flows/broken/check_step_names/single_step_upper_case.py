from metaflow import FlowSpec, step


class Loud(FlowSpec):
    @step
    def RUN(self):
        pass


if __name__ == "__main__":
    Loud()
