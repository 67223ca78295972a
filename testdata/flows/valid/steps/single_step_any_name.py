from metaflow import FlowSpec, step


class Solo(FlowSpec):
    @step
    def only(self):
        print("one step is a flow, too")


if __name__ == "__main__":
    Solo()
