from metaflow import FlowSpec, step


class OnlyCmd(FlowSpec):
    @step
    def cmd(self):
        pass


if __name__ == "__main__":
    OnlyCmd()
