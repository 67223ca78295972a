from metaflow import FlowSpec, step, user_step_decorator


@user_step_decorator
def timing(step_name, flow, inputs, attributes=None):
    yield


class UserDecorated(FlowSpec):
    @timing
    @step
    def start(self):
        self.next(self.edn)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    UserDecorated()
