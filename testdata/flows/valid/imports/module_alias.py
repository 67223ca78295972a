import metaflow as mf


class Aliased(mf.FlowSpec):
    @mf.retry(times=1)
    @mf.step
    def start(self):
        self.next(self.end)

    @mf.step
    def end(self):
        pass


if __name__ == "__main__":
    Aliased()
