from metaflow import FlowSpec, conda_base, project, schedule, step


@schedule(daily=True)
@project(name="p")
@conda_base(python="3.11")
class Scheduled(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def orphan(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Scheduled()
