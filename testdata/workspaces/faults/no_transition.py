from metaflow import FlowSpec, parallel, step


class Below(FlowSpec):
    @step
    def start(self):
        print("and then?")

    @step
    def end(self):
        pass
