from metaflow import FlowSpec, Parameter, project, step


@project(name="pricing")
class TeamFlow(FlowSpec):
    "Loads and publishes; what happens in between is the flow's own."

    day = Parameter("day", default="2026-01-01")

    @step
    def start(self):
        self.rows = [1, 2, 3]
        self.next(self.fit)

    @step
    def publish(self):
        print(self.model)
        self.next(self.end)

    @step
    def end(self):
        pass
