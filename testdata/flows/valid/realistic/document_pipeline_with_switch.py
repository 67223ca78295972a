"""Classifies documents, routes each by kind, and loops over a queue until it is empty."""

import hashlib
import json
import re
from pathlib import PurePosixPath

from metaflow import Config, FlowSpec, Parameter, card, environment, project, retry, step, trigger

KINDS = {
    ".txt": "text",
    ".json": "data",
}


@trigger(event="documents.arrived")
@project(name="documents")
class DocumentFlow(FlowSpec):
    settings = Config("settings", default_value={"kinds": {"a": 1}, "strict": "strict", "lenient": "lenient"})
    inbox = Parameter("inbox", default="a.txt,b.json,c.bin", separator=",")

    @step
    def start(self):
        self.queue = [PurePosixPath(p) for p in self.inbox]
        self.mode = self.settings.strict if len(self.queue) > 2 else self.settings.lenient
        self.next(
            {
                self.settings.strict: self.validate,
                self.settings.lenient: self.split_queue,
            },
            condition="mode",
        )

    @retry
    @step
    def validate(self):
        names = [p.name for p in self.queue]
        duplicates = {n for n in names if names.count(n) > 1}
        if duplicates:
            raise ValueError("duplicates: " + ", ".join(sorted(duplicates)))
        self.next(self.split_queue)

    @step
    def split_queue(self):
        self.next(self.process, foreach="queue")

    @environment(vars={"TOKENIZERS_PARALLELISM": "false"})
    @step
    def process(self):
        self.path = self.input
        self.kind = KINDS.get(self.path.suffix, "unknown")
        self.next(
            {"text": self.as_text, "data": self.as_data, "unknown": self.as_unknown},
            condition="kind",
        )

    @step
    def as_text(self):
        self.tokens = re.findall(r"\w+", str(self.path))
        self.next(self.fingerprint)

    @step
    def as_data(self):
        self.tokens = list(json.loads('{"k": [1, 2]}'))
        self.next(self.fingerprint)

    @step
    def as_unknown(self):
        self.tokens = []
        self.next(self.fingerprint)

    @step
    def fingerprint(self):
        digest = hashlib.sha256()
        for token in self.tokens:
            digest.update(token.encode())
        self.digest = digest.hexdigest()[:12]
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.digests = {str(i.path): i.digest for i in inputs}
        self.attempts = 0
        self.next(self.upload)

    @step
    def upload(self):
        self.attempts += 1
        self.outcome = "retry" if self.attempts < 3 else "ok"
        self.next({"retry": self.upload, "ok": self.end, "failed": self.alert}, condition="outcome")

    @step
    def alert(self):
        print("could not upload", self.digests)
        self.next(self.end)

    @card(id="summary")
    @step
    def end(self):
        print(json.dumps(self.digests, indent=2))


if __name__ == "__main__":
    DocumentFlow()
