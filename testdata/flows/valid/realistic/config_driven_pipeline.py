import json
import os
import re

from metaflow import Config, FlowSpec, Parameter, config_expr, environment, project, resources, retry, step, timeout


def parse_ini(text):
    """key = value lines, with [sections]; good enough"""
    out, section = {}, None
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        m = re.match(r"\[(\w+)\]$", line)
        if m:
            section = out.setdefault(m.group(1), {})
            continue
        key, _, value = (p.strip() for p in line.partition("="))
        try:
            value = json.loads(value)
        except ValueError:
            pass
        (out if section is None else section)[key] = value
    return out


INI = """
[resources]
cpu = 2
memory = 1024

[retry]
times = 1
minutes_between_retries = 0

[model]
kind = "ridge"
alphas = [0.1, 1.0, 10]   # tried one after the other
"""


@project(name="config_demo")
class ConfigDrivenPipeline(FlowSpec):
    cfg = Config("cfg", default_value=INI, parser=parse_ini)
    env = Config("env", default_value={"vars": {"OMP_NUM_THREADS": "1", "STAGE": "dev"}, "limits": {"minutes": 3}})

    # parameter defaults may come from a config
    kind = Parameter("kind", default=cfg.model.kind)
    threshold = Parameter("threshold", type=float, default=0.5)

    @environment(vars=env.vars)
    @step
    def start(self):
        self.stage = os.environ.get("STAGE", "?")
        self.alphas = list(self.cfg.model.alphas)
        self.kind_used = self.kind.lower()
        self.settings_seen = sorted(self.cfg.keys())
        self.next(self.fit, foreach="alphas")

    @resources(**cfg.resources)
    @retry(times=cfg.retry.times, minutes_between_retries=config_expr("cfg.retry.minutes_between_retries"))
    @timeout(minutes=env["limits"]["minutes"])
    @step
    def fit(self):
        self.alpha = self.input
        self.loss = (self.alpha - 1.0) ** 2 + 0.01 * self.index
        self.next(self.select)

    @step
    def select(self, inputs):
        losses = {i.alpha: i.loss for i in inputs}
        self.alpha = min(losses, key=losses.get)
        self.loss = losses[self.alpha]
        self.stage = next(iter(inputs)).stage
        self.next(self.decide)

    @step
    def decide(self):
        self.accepted = "yes" if self.loss < self.threshold else "no"
        self.next({"yes": self.publish, "no": self.hold}, condition="accepted")

    @step
    def publish(self):
        self.location = f"{self.stage}/models/{self.kind}-{self.alpha}"
        self.next(self.end)

    @step
    def hold(self):
        self.location = None
        self.next(self.end)

    @step
    def end(self):
        print("published to" if self.location else "held back", self.location or "", self.alpha, self.loss)


if __name__ == "__main__":
    ConfigDrivenPipeline()
