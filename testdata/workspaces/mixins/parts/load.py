import metaflow as mf

from parts.root import Root


class Loads(Root):
    @mf.step
    def start(self):
        self.next(self.load)

    @mf.retry(times=2)
    @mf.step
    def load(self):
        self.next(self.work)
