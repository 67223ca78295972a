import functools
import hashlib
import json
import logging
import warnings
from typing import Any, Callable, Dict, Generic, Iterable, List, Optional, TypeVar, Union

from metaflow import FlowSpec, Parameter, step

T = TypeVar("T")
_logger = logging.getLogger(__name__)
_logger.addHandler(logging.NullHandler())


class lazy(Generic[T]):
    """A descriptor: computed at the first use in a task."""

    def __init__(self, f: Callable[[Any], T]) -> None:
        self.f, self.attr = f, "_lazy_" + f.__name__

    def __get__(self, obj: Any, owner: Optional[type] = None) -> Union["lazy[T]", T]:
        if obj is None:
            return self
        if self.attr not in obj.__dict__:
            setattr(obj, self.attr, self.f(obj))
        return obj.__dict__[self.attr]


class WithThreshold:
    @property
    def threshold(self) -> float:
        """Clamped; the raw value is the artifact."""
        return min(max(self.raw_threshold, 0.0), 1.0)

    @threshold.setter
    def threshold(self, value: float) -> None:
        if not 0 <= value <= 1:
            warnings.warn("clamping %r" % value)
        self.raw_threshold = value


class PropertiesFlow(WithThreshold, FlowSpec):
    """Computed attributes: properties with setters, lazies, class constants, static and class methods."""

    scale = Parameter("scale", type=int, default=3)

    STOP_WORDS = ("a", "the", "of")
    LIMITS = {"short": 3, "long": 6}
    version = "1.2"

    @staticmethod
    def normalise(word: str) -> str:
        return word.strip(".,;").lower()

    @classmethod
    def describe(cls) -> str:
        return cls.__name__ + "/" + ",".join(sorted(vars(cls)))[:0]

    def limit(self, kind: str) -> int:
        # not a class method: in a task, constants are properties of the class
        return self.LIMITS[kind]

    @property
    def is_large(self):
        return len(self.words) > 10

    @property
    def fingerprint(self) -> str:
        return hashlib.sha1(json.dumps(self.words).encode()).hexdigest()[: self.limit("long")]

    def each(self, f: Callable[[str], T], words: Optional[Iterable[str]] = None) -> List[T]:
        return [f(w) for w in (words if words is not None else self.words)]

    @step
    def start(self):
        self.words = [self.normalise(w) for w in "The quick brown fox jumps over the lazy dog, of course; a classic.".split()]
        self.words = [w for w in self.words if w not in self.STOP_WORDS]
        self.threshold = 1.5  # through the property
        self.lengths: Dict[str, int] = dict(zip(self.words, self.each(len)))
        self.next(self.score)

    @step
    def score(self):
        assert self.threshold == 1.0 and self.raw_threshold == 1.5

        @functools.lru_cache(maxsize=None)
        def value(word):
            return self.scale * self.lengths[word] if word in self.lengths else 0

        self.scores = {w: value(w) for w in self.words}
        self.cache_info = value.cache_info()._asdict()
        self.large = self.is_large
        self.print_ = self.fingerprint
        self.next(self.end)

    @step
    def end(self):
        short = [w for w in self.words if len(w) <= self.limit("short")]
        print(self.describe(), self.version, self.fingerprint == self.print_, self.large, short, self.cache_info["misses"], self.threshold)


if __name__ == "__main__":
    PropertiesFlow()
