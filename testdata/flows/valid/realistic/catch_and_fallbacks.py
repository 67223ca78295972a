# What to do with failing branches: @catch with var, conditional artifacts, hasattr / getattr / try-except
import random
from metaflow import FlowSpec, catch, retry, step, current, Parameter, timeout


class FallbackFlow(FlowSpec):

    fail_rate = Parameter('fail_rate', help='share of sources that fail', default=0.5)
    verbose = Parameter('verbose', default=True)

    @step
    def start(self):
        self.sources = ['crm', 'erp', 'web', 'legacy']
        if self.fail_rate > 0:
            self.fragile = set(self.sources[2:])      # only set when it is needed
        if self.verbose:
            self.log = []
        self.next(self.pull, foreach='sources')

    @catch(var='pull_error')
    @retry(times=0)
    @timeout(seconds=60)
    @step
    def pull(self):
        self.source = self.input
        fragile = getattr(self, 'fragile', set())
        if self.source in fragile:
            raise IOError('cannot reach %s' % self.source)
        self.rows = [random.Random(self.source).random() for _ in range(5)]
        self.next(self.merge)

    @step
    def merge(self, inputs):
        self.rows, self.missing = {}, []
        for i in inputs:
            if i.pull_error is None:
                self.rows[i.source] = i.rows
            else:
                self.missing.append(i.input)
        self.have_all = not self.missing
        first = inputs[0]
        if hasattr(first, 'log'):
            self.log = first.log + ['merged']
        self.next(self.risky)

    @catch(var='risky_error', print_exception=False)
    @step
    def risky(self):
        self.average = sum(map(sum, self.rows.values())) / (len(self.missing) - 2)   # 0 in the normal case
        self.quality = 'full'
        self.next(self.after)

    @step
    def after(self):
        if self.risky_error:
            print('fell back because of', type(self.risky_error).__name__, self.risky_error)
            self.average = 0.0
            self.quality = 'fallback'
        print(self.quality, self.average)
        try:
            self.log.append('after')
        except AttributeError:
            self.log = ['after']
        if self.have_all:
            self.complete_at = current.task_id
        self.next(self.end)

    @step
    def end(self):
        try:
            print('complete at', self.complete_at)
        except AttributeError:
            print('never complete; missing', self.missing)
        print(getattr(self, 'nothing', 'default'), 'log' in dir(self), self.log)
        if hasattr(self, 'complete_at') and self.complete_at:
            print(self.complete_at)


if __name__ == '__main__':
    FallbackFlow()
