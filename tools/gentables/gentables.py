"""Write analysis/catalog/packages.txt and analysis/rule/zones.txt.

    .venv/bin/python tools/gentables/gentables.py [FOLDER]

Both come from the wheels that packages.list and zones.list pin; pip downloads
them into FOLDER (a temporary one without it), some 300 MB. So this is no part of
`make generate`: a test tells when a list and what was made of it disagree.
"""

import csv
import email
import hashlib
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

PACKAGES_HEAD = """\
# Distributions that steps often list, one a line:
#   distribution | modules that it provides | distributions that it may bring | other names of it
# A distribution that is not here may bring anything. Names are in PyPI's normal form.
# What Metaflow itself installs in every environment (requests, for some data stores boto3 and
# others, with all that these bring) has no modules here: it is never missed.
"""
ZONES_HEAD = "# Time zones of {pin}.\n"

# Folders at the top of wheels that nobody imports.
ASIDE = {"test", "tests", "testing", "doc", "docs", "example", "examples", "benchmark", "benchmarks", "scripts", "tools", "licenses", "bin"}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def rows(path):
    """The fields of each line of a list."""
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            yield [field.strip() for field in line.split("|")]


def download(pins, folder):
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--dest", folder, *pins],
        check=True,
    )
    return {normal(path.name.split("-")[0]): path for path in pathlib.Path(folder).glob("*.whl")}


def modules(wheel):
    """The importable names at the top of a wheel. A folder without __init__ is a namespace, which several wheels share."""
    names = set()
    with zipfile.ZipFile(wheel) as z:
        record = next(n for n in z.namelist() if n.endswith(".dist-info/RECORD"))
        for path, *_ in csv.reader(io.StringIO(z.read(record).decode())):
            parts = path.split("/")
            if len(parts) == 2 and parts[1] == "__init__.py":
                names.add(parts[0])
            elif len(parts) == 1 and re.search(r"\.(py|so|pyd)$", parts[0]):
                names.add(parts[0].split(".")[0])
    return sorted(n for n in names if n.isidentifier() and n[0] != "_" and n not in ASIDE and n not in sys.stdlib_module_names)


def brings(wheel):
    """What is installed with a wheel on some system, without extras."""
    with zipfile.ZipFile(wheel) as z:
        metadata = email.message_from_bytes(z.read(next(n for n in z.namelist() if n.endswith(".dist-info/METADATA"))))
    found = set()
    for requirement in metadata.get_all("Requires-Dist") or []:
        name, _, marker = requirement.partition(";")
        if "extra" not in marker:
            found.add(normal(re.match(r"[\w.-]+", name).group()))
    return found


def packages(folder):
    lines = []
    listed = [row for row in rows(HERE / "packages.list") if row[0] != "by hand"]
    wheels = download([spec.split()[-1] for spec, *_ in listed], folder)
    for spec, others, also, note in listed:
        name, wheel = spec.split("==")[0].split()[0], wheels[normal(spec.split()[-1].split("==")[0])]
        provided = [] if note else modules(wheel)
        lines.append((name, provided, sorted(brings(wheel) | set(also.split())), others))
    for row in rows(HERE / "packages.list"):
        if row[0] == "by hand":
            _, name, provided, brought, others, _ = row
            lines.append((name, provided.split(), sorted(brought.split()), others))
    lines.sort()
    return "".join(re.sub(r" +", " ", f"{n} | {' '.join(p)} | {' '.join(b)} | {o}").strip() + "\n" for n, p, b, o in lines)


def zones(folder):
    (pin,) = [row[0] for row in rows(HERE / "zones.list")]
    with zipfile.ZipFile(download([pin], folder)["tzdata"]) as z:
        return ZONES_HEAD.format(pin=pin), "".join(sorted(z.read("tzdata/zones").decode().splitlines(keepends=True)))


def write(path, head, body, source):
    """The head says what the body was made from, so that a change of either shows."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    made = hashlib.sha256(body.encode()).hexdigest()
    text = head + f"# Written by tools/gentables from {source.name} ({digest[:16]}), on Python {sys.version_info[0]}.{sys.version_info[1]}; the rest is {made[:16]}.\n"
    (ROOT / path).write_text(text + body)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = sys.argv[1] if len(sys.argv) > 1 else temporary
        write("analysis/catalog/packages.txt", PACKAGES_HEAD, packages(folder), HERE / "packages.list")
        write("analysis/rule/zones.txt", *zones(folder), HERE / "zones.list")


if __name__ == "__main__":
    main()
