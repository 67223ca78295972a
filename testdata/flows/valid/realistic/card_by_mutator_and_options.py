"""Decorators that come from elsewhere: a flow mutator adds @card and @retry, a step mutator sets @environment."""
import inspect
import os
import random

from metaflow import Config, FlowMutator, FlowSpec, IncludeFile, Parameter, StepMutator, card, current, step
from metaflow.cards import Markdown, Table


class house_rules(FlowMutator):
    """Every step gets a card and a retry, as the platform team wants it."""

    def init(self, *args, **kwargs):
        self.retries = kwargs.get("retries", 0)

    def pre_mutate(self, mutable_flow):
        for name, value in dict(mutable_flow.configs).items():
            if name == "extras":
                for key, default in (value or {}).items():
                    mutable_flow.add_parameter(key, Parameter(key, default=default))

    def mutate(self, mutable_flow):
        for name, mutable_step in mutable_flow.steps:
            if not any(spec[0] == "card" for spec in mutable_step.decorator_specs):
                mutable_step.add_decorator("card", deco_kwargs={"type": "blank"})
            if self.retries:
                mutable_step.add_decorator("retry", deco_kwargs={"times": self.retries, "minutes_between_retries": 0})


class env(StepMutator):
    def init(self, *args, **kwargs):
        self.vars = kwargs

    def mutate(self, mutable_step):
        mutable_step.add_decorator("environment", deco_kwargs={"vars": self.vars})


@house_rules(retries=1)
class ExperimentFlow(FlowSpec):
    extras = Config("extras", default_value={"learning_rate": 0.1, "optimizer": "sgd"})
    code = IncludeFile("code", default=os.path.abspath(__file__))

    @env(EXPERIMENT="demo", SEED="3")
    @step
    def start(self):
        # learning_rate and optimizer are parameters that the mutator makes of the config
        print(self.learning_rate, self.optimizer)
        self.seed = int(os.environ["SEED"])
        current.card.append(Markdown("experiment *%s*" % os.environ["EXPERIMENT"]))
        self.next(self.trial)

    @step
    def trial(self):
        rng = random.Random(self.seed)
        self.losses = [rng.random() * (1 - self.learning_rate) ** n for n in range(5)]
        current.card.extend([Table([[n, "%.3f" % l] for n, l in enumerate(self.losses)], headers=["step", "loss"])])
        if current.retry_count > 0:
            print("second try")
        self.next(self.end)

    @card(type="default", id="final", customize=True)
    @card(type="blank", id="source")
    @step
    def end(self):
        current.card["final"].append(Markdown("best **%.3f**" % min(self.losses)))
        current.card.append(Markdown("goes to the one that is customized"))
        source = self.code if isinstance(self.code, str) else inspect.getsource(type(self))
        current.card["source"].append(Markdown("`%d` characters" % len(source)))
        print("best", min(self.losses), self.optimizer)


if __name__ == "__main__":
    ExperimentFlow()
