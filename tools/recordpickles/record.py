"""Prints one JSON line per value: its pickle, as Metaflow makes it, and what Python says about the value.

Each library that the interpreter has adds its own values. scripts/record-pickles runs this with several versions of them.
"""
import base64
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import gzip
import io
import json
import pathlib
import pickle
import sys
import uuid
import warnings

warnings.filterwarnings("ignore")
HEAD, COLUMNS = 5, 8


def emit(name, value, protocol=4, **expect):
    data = pickle.dumps(value, protocol=protocol)
    kind = type(value)
    expect["type"] = f"{kind.__module__}.{kind.__qualname__}".replace("builtins.", "")
    expect["size"] = len(data)
    print(json.dumps({"name": name, "protocol": protocol, "expect": expect,
                      "pickle": base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()}))


def fields(value, names):
    return {n: repr(getattr(value, n)) for n in names}


# --- builtins and the standard library

@dataclasses.dataclass
class Point:
    x: int
    y: float
    tags: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Frozen:
    name: str


if sys.version_info >= (3, 10):
    @dataclasses.dataclass(slots=True)
    class Slotted:
        a: int
        b: str


class Plain:
    def __init__(self):
        self.rate, self.name, self.nested = 0.1, "n", {"k": [1, 2]}


class Slots:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a, self.b = 1, "two"


class Named(collections.namedtuple("Named", "lr depth")):
    __slots__ = ()


Pair = collections.namedtuple("Pair", "left right")


class Color(enum.Enum):
    RED = 1
    BLUE = "b"


class Level(enum.IntEnum):
    LOW = 10


class Flags(enum.Flag):
    A = 1
    B = 2


class MyList(list):
    pass


class MyDict(dict):
    pass


class MyInt(int):
    pass


class Custom:
    def __init__(self, n):
        self.n = n

    def __reduce__(self):
        return (Custom, (self.n,))


def builtins():
    cyclic = [1]
    cyclic.append(cyclic)
    for name, value in {
        "none": None, "true": True, "int": 42, "big": 2**80, "float": 0.93, "text": "it's", "bytes": b"\x00ab", "list": [1, "a", None],
        "tuple": (1, (2, 3)), "dict": {"a": 1, 2: [3.5]}, "set": {7}, "frozenset": frozenset({"x"}), "complex": 1 + 2j, "range": range(1, 10, 2),
        "slice": slice(1, None, 2), "bytearray": bytearray(b"xy"), "cyclic": cyclic, "date": datetime.date(2026, 1, 2),
        "datetime": datetime.datetime(2026, 1, 2, 3, 4, 5, 6), "aware": datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc),
        "time": datetime.time(1, 2, 3), "timedelta": datetime.timedelta(days=1, seconds=5), "timezone": datetime.timezone(datetime.timedelta(hours=2)),
        "decimal": decimal.Decimal("1.50"), "fraction": fractions.Fraction(3, 4), "uuid": uuid.UUID(int=5), "path": pathlib.PurePosixPath("/a/b"),
        "ordered": collections.OrderedDict(a=1), "default": collections.defaultdict(list, a=[1]), "counter": collections.Counter("aab"),
        "deque": collections.deque([1, 2], maxlen=3),
    }.items():
        expect = {"length": len(value)} if hasattr(value, "__len__") else {}
        if sys.version_info >= (3, 12) or name != "ordered":  # its repr changed
            expect["repr"] = repr(value)
        emit(name, value, **expect)
    emit("long text", "ab" * 5000, length=10000)
    emit("long list", list(range(5000)), length=5000)
    emit("long dict", {f"k{i}": i for i in range(3000)}, length=3000)
    emit("dataclass", Point(1, 2.5, ["t"]), fields=fields(Point(1, 2.5, ["t"]), ["x", "y", "tags"]))
    emit("frozen dataclass", Frozen("n"), fields={"name": "'n'"})
    if sys.version_info >= (3, 10):
        emit("slotted dataclass", Slotted(1, "b"), fields={"a": "1", "b": "'b'"})
    emit("object", Plain(), fields=fields(Plain(), ["rate", "name", "nested"]))
    emit("slots", Slots(), fields={"a": "1", "b": "'two'"})
    emit("namedtuple", Pair(1, "r"), length=2)
    emit("namedtuple subclass", Named(0.1, 3), length=2)
    emit("enum", Color.RED, repr_value="1")
    emit("enum of text", Color.BLUE, repr_value="'b'")
    emit("intenum", Level.LOW, repr_value="10")
    emit("flag", Flags.A | Flags.B, repr_value="3")
    emit("list subclass", MyList([1, 2]), length=2)
    emit("dict subclass", MyDict(a=1), length=1)
    emit("int subclass", MyInt(5))
    emit("custom reduce", Custom(3))
    emit("exception", ValueError("bad", 3))
    emit("class", Plain)
    emit("function", fields)
    emit("list of objects", [Plain(), Point(1, 2.0)], length=2)
    import attr

    globals()["Attrs"] = attr.make_class("Attrs", ["a", "b"])
    Attrs.__module__ = "__main__"
    emit("attrs", Attrs(1, "b"), fields={"a": "1", "b": "'b'"})
    globals()["AttrsSlots"] = attr.make_class("AttrsSlots", ["a", "b"], slots=True)
    AttrsSlots.__module__ = "__main__"
    emit("attrs with slots", AttrsSlots(1, "b"), fields={"a": "1", "b": "'b'"})
    import zoneinfo

    zone = datetime.datetime(2026, 1, 2, tzinfo=zoneinfo.ZoneInfo("UTC"))
    emit("zoneinfo", zone, repr=repr(zone))
    emit("zone", zone.tzinfo, repr=repr(zone.tzinfo))


# --- numpy

def numpy_array(name, a, protocol=4):
    import numpy as np

    plain = np.ma.getdata(a) if isinstance(a, np.ma.MaskedArray) else a
    emit(name, a, protocol, kind="array", shape=list(a.shape), dtype=str(a.dtype),
         values=[str(v) for v in np.asarray(plain).reshape(-1)[:6]])


def numpy_values():
    import numpy as np

    for code in ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16", ">i4", ">f8", ">u2"]:
        a = np.array([0, 1, 2, 3, 100, 250]).astype(code) if code != "?" else np.array([True, False, True])
        if code.strip(">")[0] == "f":
            a = np.array([0, 0.1, -2.5, np.nan, np.inf, 1e10 if code != "f2" else 6e4, 1e-7], dtype=code)
        if code[0] == "c":
            a = np.array([0, 1 + 2j, -0.1j, complex(1.5, -2)], dtype=code)
        numpy_array("array " + code, a)
        emit("scalar " + code, a[1], kind="value", text=str(a[1]), dtype=str(a[1].dtype))
    numpy_array("array i8 limits", np.array([np.iinfo("i8").min, np.iinfo("i8").max]))
    numpy_array("array u8 limits", np.array([0, np.iinfo("u8").max], dtype="u8"))
    raw = bytearray(np.array([0.5, -2, 3], dtype=np.longdouble).tobytes())
    for i in range(0, len(raw), 16):  # what fills the ten bytes up is left over from something else
        raw[i + 10:i + 16] = bytes(6)
    numpy_array("array longdouble", np.frombuffer(bytes(raw), dtype=np.longdouble))
    for unit in ["Y", "M", "D", "h", "s", "ms", "us", "ns"]:
        numpy_array("array M8 " + unit, np.array(["2026-01-02T03:04:05", "1969-12-31T23:59:59", "NaT"], dtype=f"M8[{unit}]"))
        numpy_array("array m8 " + unit, np.array([1, -5, "NaT"], dtype=f"m8[{unit}]"))
    numpy_array("array M8 25s", np.array([10, 20], dtype="M8[25s]"))
    emit("scalar M8", np.datetime64("2026-01-02"), kind="value", text="2026-01-02", dtype="datetime64[D]")
    numpy_array("array U", np.array(["a", "日本", ""]))
    numpy_array("array S", np.array([b"a", b"it's", b""]))
    numpy_array("array V", np.zeros(2, dtype="V3"))
    numpy_array("array object", np.array([1, "a", None, {"k": 1}], dtype=object))
    numpy_array("structured", np.array([(1, 2.5, "x"), (3, 4.5, "yy")], dtype=[("a", "i4"), ("b", "f8"), ("c", "U2")]))
    numpy_array("aligned", np.array([(1, 2.5)], dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True)))
    numpy_array("nested structured", np.array([((1, 2), [3, 4])], dtype=[("p", [("x", "i4"), ("y", "i4")]), ("v", "f4", (2,))]))
    numpy_array("0-d", np.array(5.5))
    numpy_array("empty", np.zeros((0, 3)))
    numpy_array("2-d", np.arange(12.0).reshape(3, 4))
    numpy_array("fortran", np.asfortranarray(np.arange(12).reshape(3, 4)))
    numpy_array("3-d", np.arange(24, dtype="i2").reshape(2, 3, 4))
    numpy_array("slice", np.arange(20)[::3])
    numpy_array("transposed", np.arange(6).reshape(2, 3).T)
    numpy_array("protocol 2", np.arange(300, dtype="u1"), protocol=2)
    numpy_array("protocol 0", np.arange(4), protocol=0)
    numpy_array("protocol 5", np.arange(12.0).reshape(3, 4), protocol=5)
    numpy_array("protocol 5 fortran", np.asfortranarray(np.arange(12.0).reshape(3, 4)), protocol=5)
    numpy_array("large", np.arange(100_000, dtype="f4").reshape(100, 1000) * 0)
    numpy_array("masked", np.ma.array([1, 2, 3], mask=[0, 1, 0]))
    numpy_array("matrix", np.matrix([[1, 2]]))
    numpy_array("recarray", np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))
    emit("generator", np.random.default_rng(1))
    emit("dict of arrays", {"a": np.arange(3), "b": np.float32(0.1)}, length=2)
    emit("list of scalars", [np.float64(0.5), np.int32(3)], length=2)


# --- pandas

def cell(v):
    return str(v)


def frame(name, df, protocol=4):
    emit(name, df, protocol, kind="dataframe", shape=list(df.shape),
         columns=[[str(c), str(t)] for c, t in zip(df.columns, df.dtypes)],
         index=[str(i) for i in df.index[:HEAD]],
         rows=[[cell(df.iloc[r, c]) for c in range(min(COLUMNS, df.shape[1]))] for r in range(min(HEAD, len(df)))])


def series(name, s, protocol=4):
    emit(name, s, protocol, kind="series", shape=list(s.shape), dtype=str(s.dtype), index=[str(i) for i in s.index[:HEAD]],
         rows=[[cell(s.iloc[i])] for i in range(min(HEAD, len(s)))])


def index(name, i):
    emit(name, i, kind="index", shape=list(i.shape), dtype=str(i.dtype), values=[str(v) for v in i[:HEAD]])


def pandas_values():
    import numpy as np
    import pandas as pd

    when = pd.to_datetime(["2026-01-01 10:30:00", "2026-01-02 00:00:01", None])
    mixed = pd.DataFrame({
        "a": [1, 2, 3], "b": [0.5, None, 2.0], "s": ["x", "y", None], "d": when, "c": pd.Categorical(["u", "v", "u"]),
        "i": pd.array([1, None, 3], dtype="Int64"), "t": [True, False, True], "td": pd.to_timedelta(["1D", "2h", None])})
    frame("frame", mixed)
    frame("frame protocol 2", mixed, protocol=2)
    frame("frame protocol 5", mixed, protocol=5)
    frame("frame of one block", pd.DataFrame(np.arange(12.0).reshape(4, 3), columns=list("xyz")))
    frame("frame in C order", pd.DataFrame(np.asfortranarray(np.arange(12.0).reshape(4, 3))))
    frame("frame with a date index", pd.DataFrame({"v": [1, 2]}, index=pd.date_range("2026-01-01", periods=2, freq="D")))
    frame("frame with a multi index", pd.DataFrame({"v": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "n"])))
    frame("frame with multi columns", pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("b", "y")])))
    frame("frame, text index", pd.DataFrame({"v": [1.5, 2.5]}, index=["p", "q"]))
    frame("frame, sliced", pd.DataFrame({"v": range(10), "w": range(10)})[3:8:2])
    frame("empty frame", pd.DataFrame())
    frame("no rows", pd.DataFrame({"a": [], "b": []}))
    frame("wide", pd.DataFrame({f"c{i}": [i, i + 1] for i in range(30)}))
    frame("interleaved", pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5], "c": [3, 4], "d": ["x", "y"], "e": [5, 6]}))
    frame("long", pd.DataFrame({"a": np.ones(20_000, dtype="i8"), "b": np.zeros(20_000), "s": ["t"] * 20_000}))
    frame("objects", pd.DataFrame({"o": [[1, 2], {"k": 1}, decimal.Decimal("1.5")], "d": [datetime.date(2026, 1, 2)] * 3}))
    frame("bool and nulls", pd.DataFrame({"b": pd.array([True, None], dtype="boolean"), "s": pd.array(["x", None], dtype="string"),
                                          "f": pd.array([0.5, None], dtype="Float64"), "u": pd.array([1, None], dtype="UInt8")}))
    frame("zones", pd.DataFrame({"z": pd.date_range("2026-01-01", periods=2, tz="UTC")}))
    frame("periods", pd.DataFrame({"p": pd.period_range("2026-01", periods=2, freq="M"), "i": pd.interval_range(0, 2)}))
    frame("sparse", pd.DataFrame({"s": pd.arrays.SparseArray([0, 0, 1])}))
    series("series", pd.Series([1, 2, 3], name="n"))
    series("series of text", pd.Series(["a", "b"], index=["p", "q"]))
    series("series of categories", pd.Series(["u", "v", None], dtype="category"))
    series("series of times", pd.Series(when))
    series("series of zoned times", pd.Series(pd.date_range("2026-01-01", periods=2, tz="UTC")))
    series("series of int32", pd.Series([1, 2], dtype="int32"))
    series("long series", pd.Series(np.ones(50_000, dtype="i8")))
    series("series of ints with nulls", pd.Series([1, None], dtype="Int64"))
    index("index", pd.Index([1, 5, 9]))
    index("index of text", pd.Index(["a", "b"]))
    index("range index", pd.RangeIndex(2, 10, 3))
    index("date index", pd.date_range("2026-01-01", periods=3))
    index("float index", pd.Index([0.5, 1.5]))
    emit("categorical", pd.Categorical(["a", "b", "a"]), kind="series", shape=[3], dtype="category", rows=[["a"], ["b"], ["a"]])
    for name, value in {"timestamp": pd.Timestamp("2026-01-01 10:00"), "zoned timestamp": pd.Timestamp("2026-01-01 10:00", tz="UTC"),
                        "timedelta of pandas": pd.Timedelta("1D 2h"), "NaT": pd.NaT, "NA": pd.NA, "interval": pd.Interval(0, 1)}.items():
        emit(name, value, kind="value", text=str(value))
    emit("period", pd.Period("2026-01"))
    emit("dict of frames", {"train": mixed, "test": mixed[:1]}, length=2)
    try:
        import pyarrow as pa
    except ImportError:
        return
    series("arrow text", pd.Series(["x", "日本", None], dtype="string[pyarrow]"))
    frame("arrow", pd.DataFrame({"i": pd.Series([1, None, 3], dtype="int64[pyarrow]"), "f": pd.Series([0.5, 1.5, None], dtype="float32[pyarrow]"),
                                 "s": pd.Series(["a", "", None], dtype="large_string[pyarrow]"), "b": pd.Series([True, None, False], dtype="bool[pyarrow]")}))
    series("arrow slice", pd.Series(["x", "y", "z", None], dtype="string[pyarrow]")[1:])
    emit("arrow table", pa.table({"a": [1, 2], "b": ["x", "y"]}), library="pyarrow")
    emit("arrow array", pa.array([1, 2, None]), library="pyarrow")


# --- everything else

def model(name, value, parameters, **expect):
    emit(name, value, kind="model", parameters={k: repr(v) for k, v in parameters.items()}, **expect)


def sklearn_values():
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = np.arange(12.0).reshape(6, 2), np.array([0, 1, 0, 1, 0, 1])
    model("unfitted", LogisticRegression(C=0.5), {"C": 0.5, "max_iter": 100}, fitted=False)
    model("linear", LinearRegression().fit(x, y), {"fit_intercept": True}, fitted=True, features=2)
    model("scaler", StandardScaler().fit(x), {"with_mean": True}, fitted=True, features=2)
    model("forest", RandomForestClassifier(n_estimators=2, max_depth=2, random_state=0).fit(x, y), {"n_estimators": 2, "max_depth": 2}, fitted=True, features=2)
    model("pipeline", make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y), {}, steps=["standardscaler", "logisticregression"])


def pillow_values():
    from PIL import Image

    for mode in ["RGB", "L", "RGBA", "1", "P"]:
        emit("image " + mode, Image.new(mode, (7, 5)), kind="image", width=7, height=5, mode=mode)
    for kind in ["PNG", "JPEG", "GIF", "WEBP", "BMP"]:
        out = io.BytesIO()
        Image.new("RGB", (12, 9), (200, 10, 10)).save(out, kind)
        emit("bytes of " + kind, out.getvalue(), kind="image", width=12, height=9, format=kind.lower(), length=len(out.getvalue()))
    out = io.BytesIO()
    Image.new("RGBA", (12, 9)).save(out, "WEBP", lossless=True)
    emit("bytes of lossless WEBP", out.getvalue(), kind="image", width=12, height=9, format="webp")


def scipy_values():
    import numpy as np
    from scipy import sparse

    for kind in ["csr", "csc", "coo"]:
        emit("sparse " + kind, getattr(sparse, kind + "_matrix")(np.eye(3)), kind="array", shape=[3, 3], dtype="float64", nonzero=3)


def polars_values():
    import polars as pl

    emit("polars frame", pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}), library="polars")
    emit("polars series", pl.Series("s", [1, 2]), library="polars")


def torch_values():
    import torch

    for name, t in {
        "tensor": torch.arange(6, dtype=torch.float32).reshape(2, 3), "int64": torch.tensor([1, 2, 3]), "half": torch.tensor([0.5], dtype=torch.float16),
        "bfloat16": torch.tensor([1.5, -2], dtype=torch.bfloat16), "bool": torch.tensor([True, False]), "0-d tensor": torch.tensor(2.5),
        "transposed tensor": torch.arange(6.0).reshape(2, 3).t(), "view": torch.arange(10)[3:6], "empty tensor": torch.zeros(0, 4),
        "complex tensor": torch.tensor([1 + 2j]), "uint8": torch.tensor([1, 255], dtype=torch.uint8), "grad": torch.ones(2, requires_grad=True),
        "float64": torch.tensor([0.1], dtype=torch.float64),
    }.items():
        flat = t.detach().reshape(-1)[:6]
        emit(name, t, kind="tensor", shape=list(t.shape), dtype=str(t.dtype), values=[str(v) for v in flat.tolist()])
    emit("parameter", torch.nn.Parameter(torch.ones(2, 2)), kind="tensor", shape=[2, 2], dtype="torch.float32")
    net = torch.nn.Linear(3, 2)
    emit("state dict", net.state_dict(), kind="dict", length=2, children={"weight": [2, 3], "bias": [2]})
    emit("module", torch.nn.Sequential(net, torch.nn.ReLU()), kind="model")
    emit("shared", {"a": (t := torch.ones(4)), "b": t[:2]}, length=2)
    emit("size", torch.Size([2, 3]))
    emit("dtype", torch.float32)
    emit("device", torch.device("cpu"))


def boosters():
    import numpy as np

    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    try:
        import lightgbm

        emit("lightgbm", lightgbm.LGBMClassifier(n_estimators=1, verbose=-1).fit(x, y), library="lightgbm")
    except ImportError:
        pass
    try:
        import xgboost

        emit("xgboost", xgboost.XGBClassifier(n_estimators=1, max_depth=1).fit(x, y), library="xgboost")
    except ImportError:
        pass


if __name__ == "__main__":
    {"builtins": builtins, "numpy": numpy_values, "pandas": pandas_values, "sklearn": sklearn_values, "pillow": pillow_values,
     "scipy": scipy_values, "polars": polars_values, "torch": torch_values, "boosters": boosters}[sys.argv[1]]()
