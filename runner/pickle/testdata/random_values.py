"""Prints what values.py prints, of random values that a seed makes."""
import base64
import collections
import datetime
import decimal
import fractions
import json
import pathlib
import pickle
import random
import sys
import uuid

r = random.Random(sys.argv[1])


def text():
    return "".join(chr(r.choice([r.randrange(32, 127), r.randrange(0x800), r.randrange(0xE000, 0x11000)])) for _ in range(r.randrange(12)))


def scalar():
    return r.choice([
        lambda: None, lambda: r.random() < 0.5, lambda: r.randrange(-300, 300), lambda: r.randrange(-2**70, 2**70), lambda: r.uniform(-1, 1),
        lambda: r.uniform(-1, 1) * 10 ** r.randrange(-320, 308), text, lambda: r.randbytes(r.randrange(20)) if hasattr(r, "randbytes") else b"x",
        lambda: complex(r.randrange(-9, 9), r.uniform(-2, 2)), lambda: decimal.Decimal(r.randrange(10**6)) / 1000,
        lambda: fractions.Fraction(r.randrange(-50, 50), r.randrange(1, 50)), lambda: uuid.UUID(int=r.getrandbits(128)),
        lambda: datetime.datetime(r.randrange(1, 9999), r.randrange(1, 12), r.randrange(1, 28), r.randrange(24), r.randrange(60), r.randrange(60), r.randrange(10**6)),
        lambda: datetime.timedelta(r.randrange(-99, 99), r.randrange(86400), r.randrange(10**6)), lambda: datetime.date(r.randrange(1, 9999), 1, 1),
        lambda: pathlib.PurePosixPath("/".join(w for w in ["a", "b c", "d.txt"] if r.random() < 0.5)), lambda: range(r.randrange(9), r.randrange(99), r.randrange(1, 5)),
    ])()


shared = []


def value(depth):
    if depth == 0 or r.random() < 0.3:
        return scalar()
    if shared and r.random() < 0.1:
        return r.choice(shared)
    n = r.choice([0, 1, 2, 3, 4, 7])
    items = [value(depth - 1) for _ in range(n)]
    keys = [scalar() for _ in range(n)]
    made = r.choice([
        lambda: items, lambda: tuple(items), lambda: dict(zip(keys, items)), lambda: set(keys[:1]), lambda: frozenset(keys[:1]),
        lambda: bytearray(b"ab"), lambda: collections.deque(items, maxlen=r.choice([None, 40])), lambda: collections.defaultdict(list, zip(keys, items)),
    ])()
    shared.append(made)
    return made


for _ in range(int(sys.argv[2])):
    shared.clear()
    v = value(3)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps(v, protocol=protocol)
        print(json.dumps({"repr": repr(pickle.loads(data)), "protocol": protocol, "pickle": base64.b64encode(data).decode()}))
