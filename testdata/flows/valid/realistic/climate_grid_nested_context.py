# Climate model output: foreach in a branch of a split, input and index used far from their step, joins in between
import math
import random

from metaflow import FlowSpec, Parameter, current, step

ITEMS = "tiles"  # the name of the foreach artifact; some teams do this
SCENARIOS = ("ssp126", "ssp585")


def tile_name(flow):
    return "tile-%02d" % flow.index


def warm(scenario, year):
    slope = {"ssp126": 0.01, "ssp585": 0.05}[scenario]
    return slope * (year - 2020)


class ClimateFlow(FlowSpec):

    years = Parameter("years", default=10)
    scenarios = SCENARIOS

    @step
    def start(self):
        self.grid = (2, 2)
        self.next(self.simulate, self.observe)

    # ---- branch one: foreach over scenarios, and over tiles within -------------------------------

    @step
    def simulate(self):
        self.next(self.scenario, foreach="scenarios")

    @step
    def scenario(self):
        self.scenario_name = self.input
        rows, columns = self.grid
        self.tiles = [(r, c) for r in range(rows) for c in range(columns)]
        self.next(self.tile, foreach=ITEMS)

    @step
    def tile(self):
        row, column = self.input
        self.where = tile_name(self)
        rng = random.Random(hash((row, column)) % 1000)
        self.series = [warm(self.scenario_name, 2020 + y) + rng.gauss(0, 0.1) for y in range(self.years)]
        self.next(self.smooth)

    @step
    def smooth(self):
        # still inside of both foreaches: input and index are those of the tile
        self.label = f"{self.scenario_name}/{self.where}/{self.input[0]}x{self.input[1]}/{self.index}"
        depth = len(self.foreach_stack())
        assert depth == 2, depth
        self.series = [sum(w) / len(w) for w in zip(self.series, self.series[1:], self.series[2:])]
        self.next(self.join_tiles)

    @step
    def join_tiles(self, inputs):
        self.mean = [math.fsum(col) / len(col) for col in zip(*(i.series for i in inputs))]
        self.labels = [i.label for i in inputs]
        # here input is the scenario again
        self.scenario_name = self.input
        self.position = self.index
        self.next(self.trend)

    @step
    def trend(self):
        self.slope = (self.mean[-1] - self.mean[0]) / len(self.mean)
        print(self.input, self.index, round(self.slope, 4), current.task_id)
        self.next(self.join_scenarios)

    @step
    def join_scenarios(self, inputs):
        self.slopes = {i.scenario_name: i.slope for i in inputs}
        self.labels = sum((i.labels for i in inputs), [])
        self.next(self.check_slopes)

    @step
    def check_slopes(self):
        values = list(self.slopes.values())
        self.plausible = values == sorted(values)
        self.next(self.compare)

    # ---- branch two: a switch within a branch ----------------------------------------------------

    @step
    def observe(self):
        self.coverage = 0.8
        self.source = "station" if self.coverage > 0.5 else "satellite"
        self.next({"station": self.station, "satellite": self.satellite}, condition="source")

    @step
    def station(self):
        self.observed = 0.02
        self.next(self.clean_up)

    @step
    def satellite(self):
        self.observed = 0.03
        self.bias = 0.01
        self.next(self.clean_up)

    @step
    def clean_up(self):
        if self.source == "satellite":
            self.observed -= self.bias
        self.next(self.compare)

    # ---- together -----------------------------------------------------------------------------------

    @step
    def compare(self, inputs):
        self.observed = inputs.clean_up.observed
        self.slopes = inputs.check_slopes.slopes
        self.gaps = {k: v - self.observed for k, v in self.slopes.items()}
        self.plausible = inputs.check_slopes.plausible and inputs.clean_up.coverage > 0.5
        self.closest = min(self.gaps, key=lambda k: abs(self.gaps[k]))
        self.grid = inputs[0].grid
        self.next(self.end)

    @step
    def end(self):
        print(self.closest, self.plausible, {k: round(v, 3) for k, v in self.gaps.items()}, self.grid)


if __name__ == "__main__":
    ClimateFlow()
