from metaflow import step

import b


class C(b.B):
    @step
    def two(self):
        self.next(self.three)

    @step
    def end(self):
        print("another end")
