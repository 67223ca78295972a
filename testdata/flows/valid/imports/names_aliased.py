from metaflow import FlowSpec as Base, step as node, card as report


class Renamed(Base):
    @report
    @node
    def start(self):
        self.next(self.end)

    @node(end=False)
    def end(self):
        pass


if __name__ == "__main__":
    Renamed()
