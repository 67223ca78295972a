from metaflow import FlowSpec, step

Base = FlowSpec


class ThroughAlias(Base):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ThroughAlias()
