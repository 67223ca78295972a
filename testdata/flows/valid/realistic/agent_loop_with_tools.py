import enum
import json
import operator

from metaflow import FlowSpec, Parameter, card, catch, current, retry, secrets, step, timeout


class Tool(enum.Enum):
    CALC = "calc"
    SEARCH = "search"


OPERATORS = {"+": operator.add, "*": operator.mul}


class AgentFlow(FlowSpec):
    question = Parameter("question", default="2 + 3 * 4")
    budget = Parameter("budget", default=3)

    @secrets(sources=[])
    @step
    def start(self):
        self.messages = [{"role": "user", "content": self.question}]
        self.next(self.agent)

    @retry(times=2)
    @timeout(seconds=60)
    @step
    def agent(self):
        turn = len(self.messages)
        plan = {1: "calc", 2: "search"}.get(turn, "answer")
        if turn > self.budget:
            plan = "give_up"
        # One turn of the loop: the agent calls itself until it has an answer.
        self.messages.append({"role": "assistant", "content": plan})
        self.action = "again" if plan in {t.value for t in Tool} else plan
        self.next(
            {
                "again": self.agent,
                "answer": self.answer,
                "give_up": self.apologise,
            },
            condition="action",
        )

    @step
    def answer(self):
        left, op, right, *_ = self.question.split()
        self.result = OPERATORS[op](int(left), int(right))
        self.next(self.grade)

    @step
    def apologise(self):
        self.result = None
        self.next(self.grade)

    @step
    def grade(self):
        self.graders = ["exact", "style"]
        self.next(self.grader, foreach="graders")

    @catch(var="error")
    @step
    def grader(self):
        match self.input:
            case "exact":
                self.grade_value = float(self.result is not None)
            case "style":
                self.grade_value = 1 / len(self.messages)
            case other:
                raise ValueError(other)
        self.next(self.average)

    @step
    def average(self, inputs):
        values = [i.grade_value for i in inputs if not i.error]
        self.grade_value = sum(values) / len(values)
        self.next(self.end)

    @card(type="blank")
    @step
    def end(self):
        print(json.dumps({"grade": self.grade_value, "run": current.run_id}))


if __name__ == "__main__":
    AgentFlow()
