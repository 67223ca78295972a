from metaflow import FlowSpec, Parameter, step


class Root(FlowSpec):
    rate = Parameter("rate", default=0.5)
