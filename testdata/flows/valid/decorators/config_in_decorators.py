from metaflow import Config, FlowSpec, config_expr, project, resources, step


@project(name=config_expr("cfg.project"))
class Configured(FlowSpec):
    cfg = Config("cfg", default_value={"project": "demo", "cpu": 2, "env": {"memory": 512}})

    @resources(cpu=cfg.cpu, memory=cfg["env"]["memory"])
    @step
    def start(self):
        self.cpu = self.cfg.cpu
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Configured()
