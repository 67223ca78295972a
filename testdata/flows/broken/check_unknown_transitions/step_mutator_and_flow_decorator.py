from metaflow import FlowSpec, StepMutator, step


class Labelled(StepMutator):
    def mutate(self, mutable_step):
        pass


class MutatedFlow(FlowSpec):
    @Labelled
    @step
    def start(self):
        self.next(self.edn)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    MutatedFlow()
