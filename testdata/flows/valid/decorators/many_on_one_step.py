from metaflow import FlowSpec, card, catch, environment, kubernetes, resources, retry, secrets, step, timeout


class Decorated(FlowSpec):
    @card(type="blank", id="one")
    @card(id="two")
    @catch(var="failure", print_exception=False)
    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=5)
    @environment(vars={"A": "1", "B": "2"})
    @resources(
        cpu=2,
        memory=4096,
    )
    @step
    def start(self):
        self.next(self.end)

    @secrets(sources=[])
    @step
    def end(self):
        pass


if __name__ == "__main__":
    Decorated()
