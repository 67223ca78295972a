from mf import *


class Common(FlowSpec):
    n = Parameter("n", default=1)

    @step
    def start(self):
        self.next(self.middle)

    @step
    def end(self):
        pass
