"""Prints one JSON line per value and protocol: its pickle and its repr."""
import base64
import collections
import datetime
import decimal
import fractions
import json
import pathlib
import pickle
import uuid

floats = [0.0, -0.0, 1.0, 0.93, 0.1, 1e15, 1e16, 123456789012345680.0, 1e22, 1e23, 1.5e300, 5e-324,
          1e-4, 9.999e-5, 1e-5, 1.7976931348623157e308, 2.5, -3.75, 1 / 3, float("inf"), float("-inf"), float("nan"),
          100.0, 1e2, 123456.789, 12345678901234567890.0, 4.35, 2.675]
ints = [0, 1, -1, 127, 128, 255, 256, -128, -129, 65535, 65536, 2**31 - 1, 2**31, -2**31, -2**31 - 1,
        2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64, 2**200, -2**200, 10**100]
strings = ["", "a", "it's", 'say "x"', "it's \"x\"", "back\\slash", "tab\tnl\ncr\r", "\x00\x1f\x7f\x80\xa0\xad", "é", "日本", "🙂",
           "\ud800", "\udfffx", "\u2028", "\u200b", "\ue000", "\U0001f600\U000e0001", "a" * 300, "\u0378", "\ufeff", "e\u0301",
           "\u3000", "\\u0041", "line\\nnot"]
byte_strings = [b"", b"abc", b"it's", b'"', b"'\"", b"\x00\xff\\\n\t\r", bytes(range(256)), b"x" * 300]
inner = [1]
cyclic = [1]
cyclic.append(cyclic)
cyclic_dict = {}
cyclic_dict["self"] = cyclic_dict
utc = datetime.timezone.utc
values = [None, True, False, *floats, *ints, *strings, *byte_strings,
          [], [1], [1, "a", None], [[]], list(range(1001)), [inner, inner], cyclic, ([cyclic],),
          (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((),), {}, {"a": 1}, {1: "x", None: [1.0], (1, 2): {}}, cyclic_dict,
          {i: str(i) for i in range(1001)}, {"k": {"k": {"k": []}}},
          set(), {1}, {"a"}, frozenset(), frozenset({1}), {frozenset({2})},
          bytearray(), bytearray(b"ab'"), complex(1, 2), complex(0, -1.5), complex(-0.0, 1), 1j, complex(1, float("nan")),
          complex(1e20, -2),
          range(3), range(1, 10, 2), slice(1, None, 2),
          datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2), datetime.datetime(2026, 11, 22, 10, 25, 14, 665),
          datetime.datetime(2026, 1, 2, 3, 4, 5), datetime.datetime(2026, 1, 2, 3, 4, tzinfo=utc),
          datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=-30))),
          datetime.datetime(2026, 1, 2, 3, fold=1), datetime.time(), datetime.time(1, 2, 3, 4), datetime.time(12, tzinfo=utc),
          datetime.timedelta(), datetime.timedelta(1, 2, 3), datetime.timedelta(-1), datetime.timedelta(microseconds=-1),
          decimal.Decimal("1.50"), decimal.Decimal("NaN"), decimal.Decimal("-1E+3"), fractions.Fraction(3, 4), fractions.Fraction(5),
          uuid.UUID(int=0), uuid.UUID(int=2**127 + 12345), uuid.UUID("12345678-1234-5678-1234-567812345678"),
          pathlib.PurePosixPath("a/b"), pathlib.PurePosixPath("/"), pathlib.PurePosixPath("/x/y.txt"), pathlib.PurePosixPath(),
          collections.deque(), collections.deque([1, 2], maxlen=5), collections.Counter(), collections.Counter("hello"),
          collections.defaultdict(list), collections.defaultdict(int, {"a": 1}),
          ]

for value in values:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps(value, protocol=protocol)
        # of what comes back: old protocols lose the fold of a time
        line = {"repr": repr(pickle.loads(data)), "protocol": protocol, "pickle": base64.b64encode(data).decode()}
        print(json.dumps(line))
