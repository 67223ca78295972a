import metaflow.decorators as deco
import metaflow.flowspec
import metaflow.plugins


class Submodules(metaflow.flowspec.FlowSpec):
    @deco.step
    def start(self):
        self.next(self.end)

    @deco.step
    def end(self):
        pass


if __name__ == "__main__":
    Submodules()
