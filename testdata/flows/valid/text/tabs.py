from metaflow import FlowSpec, step


class Tabs(FlowSpec):
	"""Indented by tabs."""

	@step
	def start(self):
		self.items = [1]
		self.next(
			self.work,
			foreach="items",
		)

	@step
	def work(self):
		if self.input:
			self.ok = True
		self.next(self.join)

	@step
	def join(self, inputs):
		self.next(self.end)

	@step
	def end(self):
		pass


if __name__ == "__main__":
	Tabs()
