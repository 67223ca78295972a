from metaflow import FlowSpec, step


class EmptyBody(FlowSpec):
    @step
    def start(self):

    @step
    def end(self):
        pass


if __name__ == "__main__":
    EmptyBody()
