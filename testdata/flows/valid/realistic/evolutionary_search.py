import dataclasses, random, operator, typing
from metaflow import FlowSpec, Parameter, step, catch

# Evolves bit strings. Each generation is a foreach; generations follow each other by hand-unrolled steps,
# because a switch may only go back to its own step.

GENES = 24


@dataclasses.dataclass(order=True)
class Individual:
    fitness: float = dataclasses.field(default=0.0)
    genes: typing.Tuple[int, ...] = dataclasses.field(default=(), compare=False)
    input: typing.Optional[str] = dataclasses.field(default=None, compare=False, repr=False)

    @classmethod
    def random(cls, rng):
        return cls(genes=tuple(rng.randint(0, 1) for _ in range(GENES)))

    def mutate(self, rng, rate):
        return dataclasses.replace(self, genes=tuple(g ^ (rng.random() < rate) for g in self.genes), fitness=0.0)

    def __add__(self, other):
        cut = GENES // 2
        return Individual(genes=self.genes[:cut] + other.genes[cut:])


def evaluate(ind): return dataclasses.replace(ind, fitness=float(sum(ind.genes)))


class EvolutionFlow(FlowSpec):
    islands = Parameter('islands', default=2)
    population_size = Parameter('population', default=8)
    rate = Parameter('rate', default=.05)

    def breed(self, rng):
        "one generation; sets population, best and history"
        ranked = sorted(map(evaluate, self.population), reverse=True)
        elite, parents = ranked[:2], ranked[:len(ranked) // 2]
        children = [(rng.choice(parents) + rng.choice(parents)).mutate(rng, self.rate) for _ in range(self.population_size - len(elite))]
        self.population = elite + children
        self.best = ranked[0]
        try:
            self.history.append(self.best.fitness)
        except AttributeError:      # first generation
            self.history = [self.best.fitness]

    @step
    def start(self):
        self.seeds = [*range(self.islands)]
        self.next(self.island, foreach='seeds')

    @step
    def island(self):
        self.seed = self.input
        self.rng_state = random.Random(self.seed).getstate()
        rng = random.Random(self.seed)
        self.population = [Individual.random(rng) for _ in range(self.population_size)]
        self.generation = 0
        self.next(self.evolve)

    @step
    def evolve(self):
        self.generation += 1
        rng = random.Random()
        rng.setstate(self.rng_state)
        for _ in range(5):
            self.breed(rng)
        self.rng_state = rng.getstate()
        enough = self.best.fitness >= GENES - 2 or self.generation >= 3
        self.go_on = 'no' if enough else 'yes'
        self.next({'yes': self.evolve, 'no': self.settled}, condition='go_on')

    @step
    def settled(self):
        self.champion = self.best
        self.next(self.merge)

    @step
    def merge(self, inputs):
        self.champions = sorted((i.champion for i in inputs), reverse=True)
        self.generations = list(map(operator.attrgetter('generation'), inputs))
        self.histories = {i.seed: i.history for i in inputs}
        self.next(self.polish)

    @catch(var='polish_failed')
    @step
    def polish(self):
        best, *others = self.champions
        rng = random.Random(1)
        for other in others:
            candidate = evaluate((best + other).mutate(rng, 0.01))
            if candidate > best:
                best = candidate
        self.winner = best
        self.next(self.end)

    @step
    def end(self):
        winner = self.champions[0] if self.polish_failed else self.winner
        print(winner, self.generations, self.histories)


if __name__ == '__main__':
    EvolutionFlow()
