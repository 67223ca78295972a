'''Artifacts by setattr, getattr, vars, __dict__ and hasattr: what ML engineers do when a config names the outputs'''
import json, operator, collections.abc
from types import SimpleNamespace
from metaflow import FlowSpec, Parameter, JSONType, step

DEFAULTS = dict(alpha=1, beta=2.5, gamma="x")

def update_flow(flow, values):
	for k, v in values.items():
		setattr(flow, k, v)

def load_defaults(obj):
	obj.__dict__.update(DEFAULTS)
	return obj

class DynamicAttributesFlow(FlowSpec):
	# tabs in this one
	metrics = Parameter('metrics', type=JSONType, default='["mae", "rmse"]')
	debug = Parameter('debug', default=False, type=bool)

	def _flatten(self, prefix, nested):
		for k, v in nested.items():
			key = '%s_%s' % (prefix, k)
			if isinstance(v, collections.abc.Mapping):
				self._flatten(key, v)
			else:
				setattr(self, key, v)

	@step
	def start(self):
		load_defaults(self)
		assert self.alpha == 1 and self.gamma == 'x'
		self._flatten('model', {'name': 'tree', 'tree': {'depth': 3, 'leaves': 8}})
		print(self.model_name, self.model_tree_depth)
		setattr(self, 'literal', 42)
		if self.debug:
			self.trace = []
		self.next(self.compute, foreach='metrics')

	@step
	def compute(self):
		metric = self.input
		setattr(self, metric, {'mae': 1.5, 'rmse': 2.5}.get(metric))
		self.metric = metric
		update_flow(self, {'n': 10, 'ok': True})
		if hasattr(self, 'trace'):
			self.trace.append(metric)
		self.depth = self.model_tree_depth + self.index
		self.next(self.gather)

	@step
	def gather(self, inputs):
		for inp in inputs:
			setattr(self, inp.metric, getattr(inp, inp.metric))
		self.table = {i.metric: getattr(i, i.metric) for i in inputs}
		self.sizes = [operator.attrgetter('n')(i) for i in inputs]
		self.deepest = max(inputs, key=lambda i: i.depth).depth
		for name in ('literal', 'alpha'):
			setattr(self, name, getattr(inputs[0], name))
		self.trace = getattr(inputs[0], 'trace', None)
		self.all_ok = all(i.ok for i in inputs)
		self.next(self.report)

	@step
	def report(self):
		ns = SimpleNamespace(**{m: getattr(self, m) for m in self.metrics})
		try:
			extra = self.not_there
		except AttributeError:
			extra = None
		self.extra = extra
		self.mae_doubled = self.mae * 2
		self.gap = self.rmse - ns.mae
		self.optional = getattr(self, 'beta', 'gone at the join')
		self.next(self.end)

	@step
	def end(self):
		print(json.dumps({'table': self.table, 'gap': self.gap, 'literal': self.literal, 'sizes': self.sizes, 'optional': self.optional}, sort_keys=True))
		if self.trace is not None:
			print('trace', self.trace)
		del self.table
		print(hasattr(self, 'table'), self.mae_doubled, self.deepest, self.all_ok, self.alpha)


if __name__ == '__main__':
	DynamicAttributesFlow()
