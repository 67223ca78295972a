from metaflow import FlowSpec, step


class Labelled(FlowSpec):
    @step(node_info={"owner": "ml", "tier": 2})
    def start(self):
        self.next(self.end)

    @step(
        end=True,
        node_info={
            "owner": "ops",
        },
    )
    def end(self):
        pass


if __name__ == "__main__":
    Labelled()
