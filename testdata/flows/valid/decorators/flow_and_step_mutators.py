from metaflow import FlowMutator, FlowSpec, StepMutator, step


class AddRetry(StepMutator):
    def mutate(self, mutable_step):
        mutable_step.add_decorator("retry", deco_kwargs={"times": 1})


class Everywhere(FlowMutator):
    def pre_mutate(self, mutable_flow):
        for _, s in mutable_flow.steps:
            s.add_decorator("timeout", deco_kwargs={"minutes": 1})


@Everywhere
class Mutated(FlowSpec):
    @AddRetry
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Mutated()
