"""Writes the value of an artifact to a file: ROOT PATHSPEC FILE FORMAT. What is wrong stands in the last line of the output."""
import os
import sys


def rows(value):
    """A table as rows, header first."""
    if hasattr(value, "to_csv"):
        return None
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        columns = [v if isinstance(v, (list, tuple)) else [v] for v in value.values()]
        return [list(value)] + [list(r) for r in zip(*columns)]
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise TypeError("a %s is no table" % type(value).__name__)
    value = list(value)
    if value and all(isinstance(r, dict) for r in value):
        names = list(dict.fromkeys(k for r in value for k in r))
        return [names] + [[r.get(n) for n in names] for r in value]
    return [list(r) if isinstance(r, (list, tuple)) else [r] for r in value]


def write_csv(value, path):
    table = rows(value)
    if table is None:
        value.to_csv(path)
        return
    import csv

    with open(path, "w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(table)


def write_json(value, path):
    import json

    def plain(v):
        for name in ("tolist", "to_dict", "isoformat"):
            if hasattr(v, name):
                return getattr(v, name)()
        if isinstance(v, (set, frozenset)):
            return list(v)
        if isinstance(v, bytes):
            import base64

            return base64.b64encode(v).decode()
        if hasattr(v, "__dict__"):
            return vars(v)
        return str(v)

    with open(path, "w", encoding="utf-8") as out:
        json.dump(value, out, default=plain, ensure_ascii=False, indent=2)
        out.write("\n")


def write_npy(value, path):
    import numpy

    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    numpy.save(path, numpy.asarray(value), allow_pickle=False)


def write_png(value, path):
    if isinstance(value, (bytes, bytearray)):
        if bytes(value[:8]) == b"\x89PNG\r\n\x1a\n":
            with open(path, "wb") as out:
                out.write(value)
            return
        import io

        from PIL import Image

        value = Image.open(io.BytesIO(value))
    if hasattr(value, "savefig"):
        value.savefig(path)
        return
    if not hasattr(value, "save"):
        import numpy
        from PIL import Image

        if hasattr(value, "detach"):
            value = value.detach().cpu().numpy()
        value = Image.fromarray(numpy.asarray(value))
    value.save(path)


def main(root, pathspec, path, kind):
    sys.path.insert(0, os.getcwd())
    import metaflow

    metaflow.namespace(None)
    if os.path.basename(root) == ".metaflow_spin":
        metaflow.inspect_spin(os.path.dirname(root))
    value = metaflow.DataArtifact(pathspec).data
    {"csv": write_csv, "json": write_json, "npy": write_npy, "png": write_png}[kind](value, path)


try:
    main(*sys.argv[1:])
except Exception as e:
    print("%s: %s" % (type(e).__name__, " ".join(str(e).split())))
    sys.exit(1)
