from metaflow import FlowSpec, conda_base, project, schedule, step, trigger


@project(name="demo_project")
@schedule(
    cron="0 10 * * ? *",
    timezone="Europe/Berlin",
)
@trigger(event="new_data")
class Scheduled(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Scheduled()
