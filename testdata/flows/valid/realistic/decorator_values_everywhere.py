"""Values of decorators, written in all the ways that people write them."""
import os
from datetime import timedelta

from metaflow import FlowSpec, Parameter, card, catch, current, environment, project, resources, retry, schedule, step, timeout, trigger_on_finish

MB = 1
GB = 1024 * MB
BIG = dict(cpu=4, memory=8 * GB)
COMMON_ENV = {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "0"}
LIMIT = timedelta(minutes=3)
PROJECT = "decorator_values" + "_2"


def gb(n):
    return int(n * GB)


def heavy(f):
    """A stack of decorators under one name."""
    return resources(**BIG)(retry(times=1, minutes_between_retries=0)(f))


retried = retry(times=2, minutes_between_retries=0)


@project(name=PROJECT)
@schedule(cron="*/15 8-18 ? * MON-FRI *", timezone="Europe/Berlin")
@trigger_on_finish(flows=["UpstreamFlow", {"name": "OtherFlow", "project": "shop", "project_branch": "prod"}])
class DecoratorValuesFlow(FlowSpec):
    n = Parameter("n", default=2)

    @resources(memory=gb(0.5), cpu="1", gpu=0, disk=10_000)
    @timeout(seconds=int(LIMIT.total_seconds()))
    @environment(vars={**COMMON_ENV, "USER_HOME": os.environ.get("HOME", ""), "N": "%d" % 3})
    @step
    def start(self):
        self.threads = os.environ["OMP_NUM_THREADS"]
        self.next(self.fork)

    @catch(var="fork_error", print_exception=True)
    @retry(times="1", minutes_between_retries="0")
    @step
    def fork(self):
        """@catch is fine on a split that is no foreach."""
        self.next(self.one, self.two, self.three)

    @heavy
    @step
    def one(self):
        self.what = current.step_name
        self.next(self.join)

    @retried
    @card(id="two_card", type="blank", timeout=60, options={"a": 1}, scope="task", save_errors=False, refresh_interval=0.5)
    @step
    def two(self):
        self.what = current.step_name
        current.card["two_card"].clear()
        self.next(self.join)

    # fmt: off
    @resources(
        cpu    = 0.5,       # half
        memory = "2000",
        shared_memory = None,
    )
    @timeout(hours=1, minutes=30, seconds=15)
    @step
    def three(self):
        self.what = current.step_name
        self.next(self.join)
    # fmt: on

    @step
    def join(self, inputs):
        self.whats = [i.what for i in inputs]
        self.error = next((str(i.fork_error) for i in inputs if i.fork_error), None)
        self.merge_artifacts(inputs, exclude=["what"])
        self.next(self.end)

    @step
    def end(self):
        print(self.whats, self.threads, self.error, current.project_name, current.get("branch_name"))


if __name__ == "__main__":
    DecoratorValuesFlow()
