"""Promotes a model when it beats the last one: @project branches, client API, triggers, exit hooks."""
import datetime
import json
import os

from metaflow import (
    Flow,
    FlowSpec,
    Parameter,
    Run,
    Task,
    current,
    exit_hook,
    get_metadata,
    namespace,
    project,
    schedule,
    step,
    trigger_on_finish,
)
from metaflow.exception import MetaflowNotFound


def announce(run):
    print("finished", run.pathspec if run else "?")


def deploy_time_default(context):
    return "%s-%s" % (context.flow_name.lower(), context.parameter_name)


@exit_hook(on_success=[announce], on_error=[])
@trigger_on_finish(flow="TrainFlow")
@schedule(cron="0 6 ? * MON *")
@project(name="release_demo")
class PromoteFlow(FlowSpec):
    label = Parameter("label", default=deploy_time_default)
    min_gain = Parameter("min_gain", default=0.0)
    force = Parameter("force", default=False, is_flag=True)

    def previous_score(self):
        """Score of the last successful run of this flow, None at the first time."""
        namespace(None)
        try:
            run = Flow(current.flow_name).latest_successful_run
            if run is None:
                return None
            return run.data.score
        except (MetaflowNotFound, AttributeError, KeyError):
            return None

    @step
    def start(self):
        self.created = datetime.datetime.now(datetime.timezone.utc).isoformat()
        self.branch = current.branch_name
        self.is_prod = current.is_production
        if "trigger" in current:  # deployed, and started by the other flow
            self.upstream = current.trigger.run.pathspec
        else:
            self.upstream = None
        print(current.project_name, current.project_flow_name, self.branch, get_metadata(), self.label)
        self.next(self.evaluate)

    @step
    def evaluate(self):
        if self.upstream:
            scores = Run(self.upstream).data.scores
        else:
            scores = [0.71, 0.74]
        self.score = sum(scores) / len(scores)
        before = self.previous_score()
        self.gain = None if before is None else self.score - before
        self.verdict = "promote" if self.force or before is None or self.gain >= self.min_gain else "keep"
        self.next({"promote": self.promote, "keep": self.keep}, condition="verdict")

    @step
    def promote(self):
        self.target = "prod" if self.is_prod else os.path.join("staging", current.username or "unknown")
        self.promoted_by = Task(current.pathspec).pathspec if os.environ.get("WITH_CLIENT") else current.pathspec
        self.next(self.end)

    @step
    def keep(self):
        self.target = self.promoted_by = ""
        self.next(self.end)

    @step
    def end(self):
        print(json.dumps({"score": self.score, "gain": self.gain, "target": self.target, "by": self.promoted_by}))


if __name__ == "__main__":
    PromoteFlow()
