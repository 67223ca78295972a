from metaflow import FlowSpec, step


class SplitInForeach(FlowSpec):
    @step
    def start(self):
        self.docs = ["one two", "three"]
        self.next(self.doc, foreach="docs")

    @step
    def doc(self):
        self.text = self.input
        self.next(self.count_words, self.count_chars)

    @step
    def count_words(self):
        self.words = len(self.text.split())
        self.next(self.doc_join)

    @step
    def count_chars(self):
        self.chars = len(self.text)
        self.next(self.doc_join)

    @step
    def doc_join(self, inputs):
        self.merge_artifacts(inputs)
        self.next(self.all_docs)

    @step
    def all_docs(self, inputs):
        self.stats = [(i.words, i.chars) for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.stats)


if __name__ == "__main__":
    SplitInForeach()
