import time

from metaflow import FlowSpec, step, user_step_decorator


@user_step_decorator
def timing(step_name, flow, inputs, attributes=None):
    began = time.time()
    yield
    print(step_name, time.time() - began)


class Timed(FlowSpec):
    @timing
    @step
    def start(self):
        self.next(self.work)

    @timing(unit="s")
    @step
    def work(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Timed()
