from metaflow import FlowSpec, Parameter


class Empty(FlowSpec):
    """Steps to come."""

    alpha = Parameter("alpha", default=1)


if __name__ == "__main__":
    Empty()
