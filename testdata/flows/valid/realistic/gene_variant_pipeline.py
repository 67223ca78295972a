#!/usr/bin/env python3
"""Variant calling, toy size.  Several joins, deep branches inside of a foreach, artifacts set by helper methods of two mixins."""
import gzip
import io
import itertools
import os
import shlex
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from typing import Dict, Generator, List, Optional, Tuple

from metaflow import FlowSpec, Parameter, current, environment, resources, retry, step, timeout

Read = Tuple[str, int, str]


def reads(sample: str, n: int = 30) -> Generator[Read, None, None]:
    bases = itertools.cycle("ACGTTGCAAC" + sample)
    for i in range(n):
        yield f"{sample}_{i}", i % 7, "".join(itertools.islice(bases, 8)).replace(sample, "G")


class Shell:
    """Runs external tools and keeps what they said."""

    def sh(self, command: str, **kwargs) -> str:
        argv = [sys.executable, "-c", "import sys; print(' '.join(sys.argv[1:]).upper())"] + shlex.split(command)
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, **kwargs)
        self.last_command = command
        self.exit_codes = getattr(self, "exit_codes", []) + [done.returncode]
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
        return done.stdout.strip()


class QC:
    qc: Dict[str, float]
    MIN_QUALITY = 0.2

    def start_qc(self):
        self.qc = {}
        self.qc_failed = False

    def record(self, key, value, minimum: Optional[float] = None):
        self.qc[key] = value
        if minimum is not None and value < minimum:
            self.qc_failed = True
            self.qc_reason = f"{key}={value} < {minimum}"


class VariantFlow(Shell, QC, FlowSpec):
    samples = Parameter("samples", default="S1:S2", separator=":")
    reference = Parameter("reference", default="ACGTTGCAACGT")

    @step
    def start(self):
        print("samples", *self.samples)
        self.next(self.sample, foreach="samples")

    @step
    def sample(self):
        self.sample_name = self.input
        self.start_qc()
        self.next(self.align, self.count_kmers)

    @environment(vars={"THREADS": "1"})
    @resources(cpu=8, memory=32000)
    @retry(times=2, minutes_between_retries=0)
    @timeout(hours=1)
    @step
    def align(self):
        with tempfile.NamedTemporaryFile("wb", suffix=".fq.gz", delete=False) as raw, gzip.open(raw, "wt") as out:
            for name, pos, seq in reads(self.sample_name):
                out.write(f"{name}\t{pos}\t{seq}\n")
        pileup = defaultdict(Counter)
        with gzip.open(raw.name, "rt") as fh:
            for line in fh:
                name, pos, seq = line.rstrip("\n").split("\t")
                for offset, base in enumerate(seq):
                    pileup[int(pos) + offset][base] += 1
        os.remove(raw.name)
        self.pileup = {k: dict(v) for k, v in pileup.items()}
        self.version = self.sh(f"bwa version {os.environ.get('THREADS', '?')}")
        self.record("depth", sum(map(sum, (v.values() for v in self.pileup.values()))) / len(self.pileup), minimum=1.0)
        self.next(self.call)

    @step
    def count_kmers(self):
        k = 3
        self.kmers = Counter(seq[i : i + k] for _, _, seq in reads(self.sample_name) for i in range(len(seq) - k + 1))
        self.record("distinct", len(self.kmers))
        self.next(self.call)

    @step
    def call(self, inputs):
        align, kmers = inputs.align, inputs.count_kmers
        self.qc = {**align.qc, **kmers.qc}
        self.qc_failed = align.qc_failed or kmers.qc_failed
        self.variants = [
            (pos, ref, alt, n)
            for pos, ref in enumerate(self.reference)
            for alt, n in Counter(align.pileup.get(pos, {})).most_common(1)
            if alt != ref and n > 2
        ]
        self.merge_artifacts(inputs, exclude=["pileup", "kmers", "exit_codes", "last_command", "qc_reason"])
        assert self.version.startswith("BWA") and self.sample_name
        self.next(self.annotate)

    @step
    def annotate(self):
        if self.qc_failed:
            self.note = "low quality: " + getattr(self, "qc_reason", "?")
        else:
            self.note = "pass"
        buffer = io.StringIO()
        print("##sample", self.sample_name, self.note, sep="\t", file=buffer)
        for v in self.variants:
            print(*v, sep="\t", file=buffer)
        self.vcf = buffer.getvalue()
        self.next(self.cohort)

    @step
    def cohort(self, inputs):
        self.vcfs = {i.sample_name: i.vcf for i in inputs}
        common = set.intersection(*(set(i.variants) for i in inputs))
        self.common = sorted(common)
        self.qc_table: List[Dict] = [dict(i.qc, sample=i.sample_name) for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(current.run_id, len(self.common), "common variants")
        for row in self.qc_table:
            print(row)


if __name__ == "__main__":
    VariantFlow()
