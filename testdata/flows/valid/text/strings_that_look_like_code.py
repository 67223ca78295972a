from metaflow import FlowSpec, step


class Strings(FlowSpec):
    '''
    @step
    def ghost(self):
        self.next(self.nowhere)
    '''

    TEMPLATE = """
class Fake(FlowSpec):
    @step
    def start(self):
        self.next(self.missing)
"""

    @step
    def start(self):
        text = '''
        self.next(self.missing)
'''
        self.text = text + r"\"" + 'it\'s' + f"{'{'}{text!r}"
        self.next(self.end)

    @step
    def end(self):
        """self.next(self.start)"""


if __name__ == "__main__":
    Strings()
