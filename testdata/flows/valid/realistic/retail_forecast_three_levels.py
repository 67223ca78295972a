# Forecast per country > store > product: three foreach levels, joined one by one.
from metaflow import FlowSpec, step, Parameter
from statistics import mean, stdev, StatisticsError
import itertools, functools, math, operator, random


CATALOG = {
    'DE': {'Berlin': ['tea', 'coffee'], 'Bonn': ['tea']},
    'FR': {'Paris': ['wine', 'cheese']},
}

def series(*key):
    rng = random.Random('/'.join(key))
    return [round(100 + 10*math.sin(i/3) + rng.gauss(0, 3), 1) for i in range(24)]

def smooth(xs, alpha):
    return functools.reduce(lambda acc, x: alpha*x + (1-alpha)*acc, xs)


class ForecastFlow(FlowSpec):
  """two spaces here, and short names"""

  alpha = Parameter('alpha', default=0.3)
  horizon = Parameter('horizon', default=3)

  @step
  def start(self):
    self.countries = sorted(CATALOG)
    self.next(self.country, foreach='countries')

  @step
  def country(self):
    self.cc = self.input
    self.stores = list(CATALOG[self.cc].items())     # (name, products)
    self.next(self.store, foreach='stores')

  @step
  def store(self):
    self.store_name, self.products = self.input
    self.next(self.product, foreach='products')

  @step
  def product(self):
    self.key = (self.cc, self.store_name, self.input)
    xs = series(*self.key)
    level = smooth(xs, self.alpha)
    try:
      noise = stdev(xs)
    except StatisticsError:
      noise = float('nan')
    self.forecast = [round(level, 1)]*self.horizon
    self.quality = {'mean': mean(xs), 'noise': noise}
    stack = [f[2] if not isinstance(f[2], tuple) else f[2][0] for f in self.foreach_stack()]
    print(*stack, self.forecast)
    self.next(self.join_products)

  @step
  def join_products(self, inputs):
    self.forecasts = {i.key: i.forecast for i in inputs}
    self.noise = max(i.quality['noise'] for i in inputs)
    self.cc, self.store_name = inputs[0].cc, inputs[0].store_name
    self.next(self.join_stores)

  @step
  def join_stores(self, inputs):
    self.forecasts = functools.reduce(lambda a, b: {**a, **b}, (i.forecasts for i in inputs))
    self.noise = dict((i.store_name, i.noise) for i in inputs)
    ccs = set(map(operator.attrgetter('cc'), inputs))
    assert len(ccs) == 1
    self.cc = ccs.pop()
    self.next(self.join_countries)

  @step
  def join_countries(self, inputs):
    self.forecasts = dict(itertools.chain.from_iterable(i.forecasts.items() for i in inputs))
    self.noise = {i.cc: i.noise for i in inputs}
    self.n_inputs = len(list(inputs))
    self.next(self.end)

  @step
  def end(self):
    total = [sum(col) for col in zip(*self.forecasts.values())]
    for (cc, where, what), f in sorted(self.forecasts.items()):
      print(f'{cc:3}{where:8}{what:8}{f}')
    print('total', total, 'from', self.n_inputs, 'countries; noisiest', {cc: max(n, key=n.get) for cc, n in self.noise.items()})


if __name__ == '__main__':
  ForecastFlow()
