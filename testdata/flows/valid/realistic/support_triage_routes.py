"""Routes support tickets. Conditions of switches come from enums, defaults that are overwritten, tables, helpers."""
import enum
import re
import typing
from metaflow import FlowSpec, Parameter, Config, catch, retry, step, current, environment


class Queue(str, enum.Enum):
    BILLING = "billing"
    TECH = "tech"
    OTHER = "other"


RULES: typing.List[typing.Tuple[typing.Pattern, Queue]] = [
    (re.compile(r"invoice|refund", re.I), Queue.BILLING),
    (re.compile(r"error|crash|\b500\b", re.I), Queue.TECH),
]
URGENCY = {"billing": 2, "tech": 1}


def classify(text: str) -> Queue:
    for pattern, queue in RULES:
        if pattern.search(text):
            return queue
    return Queue.OTHER


class TriageFlow(FlowSpec):
    text = Parameter("text", default="The app shows error 500 since the last update")
    plan = Parameter("plan", default="gold", help="gold or free")
    policy = Config("policy", default_value={"escalate": "human", "auto": "bot"})

    def _language(self):
        self.language = "de" if "nicht" in self.text.split() else "en"
        return self.language

    @step
    def start(self):
        self.queue = None  # overwritten below, on every way
        self.steps_taken = ["start"]
        self.queue = classify(self.text)  # a str enum: equal to the keys
        self.next({"billing": self.billing, "tech": self.tech, "other": self.other}, condition="queue")

    @step
    def billing(self):
        self.answer = "We will look at your invoice."
        self.next(self.translate)

    @retry(times=4, minutes_between_retries=0)
    @step
    def tech(self):
        self.answer = ""
        for word in ("crash", "error"):
            if word in self.text.lower():
                self.answer = f"Sorry about the {word}."
                break
        self.codes = [int(x) for x in re.findall(r"\d{3}", self.text)]
        self.next(self.translate)

    @step
    def other(self):
        self.answer = None
        self.next(self.translate)

    @step
    def translate(self):
        self.steps_taken += [self.queue.value, "translate"]
        self._language()
        self.next({"en": self.no_translation, "de": self.german}, condition="language")

    @step
    def no_translation(self):
        self.next(self.rate)

    @step
    def german(self):
        self.answer = "[de] " + (self.answer or "")
        self.next(self.rate)

    @step
    def rate(self):
        self.level = "unknown"
        urgency = URGENCY.get(self.queue.value, 3)
        if self.queue is Queue.TECH and any(c >= 500 for c in self.codes):
            urgency = 0
        if urgency == 0 or self.plan == "gold":
            self.level = self.policy.escalate
        else:
            self.level = self.policy.auto
        self.next({self.policy.escalate: self.human, self.policy.auto: self.bot}, condition="level")

    @environment(vars={"QUEUE": "default", "RETRIES": str(2)})
    @step
    def human(self):
        self.owner = current.username
        self.next(self.end)

    @step
    def bot(self):
        self.owner = None
        self.next(self.end)

    @step
    def end(self):
        print("->".join(self.steps_taken), "|", self.level, "|", self.owner or "bot", "|", self.answer or "no answer")


if __name__ == "__main__":
    TriageFlow()
