import concurrent.futures as cf
import hashlib
import os
import queue
import shutil
import struct
import tempfile
import threading
import zlib
from pathlib import Path

from metaflow import FlowSpec, Parameter, parallel_map, profile, step

LOCK = threading.Lock()


def png(width, height, seed):
    """A tiny gray PNG; no Pillow here."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes((x * y + seed) % 256 for x in range(width)) for y in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Counter:
    def __init__(self):
        self._lock = threading.Lock()
        self.value = 0

    def __enter__(self):
        self._lock.acquire()
        return self

    def __exit__(self, *exc):
        self._lock.release()


class ThumbnailFlow(FlowSpec):
    """Threads, queues, locks and files are used inside of steps, and none of them is left on self."""

    count = Parameter("count", default=6)

    @step
    def start(self):
        self.timings = {}
        self.sizes = [(8 + i, 8) for i in range(self.count)]
        self.next(self.render)

    @step
    def render(self):
        workdir = Path(tempfile.mkdtemp())
        counter = Counter()
        results = {}

        def work(job):
            n, (w, h) = job
            path = workdir / f"{n}.png"
            path.write_bytes(png(w, h, n))
            with counter as c:
                c.value += 1
            with LOCK:
                results[n] = path.stat().st_size
            return hashlib.md5(path.read_bytes()).hexdigest()

        try:
            with profile("render", stats_dict=self.timings):
                with cf.ThreadPoolExecutor(max_workers=3) as pool:
                    self.digests = list(pool.map(work, enumerate(self.sizes)))
            self.files = len(list(workdir.glob("*.png")))
        finally:
            shutil.rmtree(workdir, ignore_errors=True)
        self.bytes = results
        self.rendered = counter.value
        self.next(self.check)

    @step
    def check(self):
        # a lock and a file that live on self for a while, and are gone before the step ends
        self._guard = threading.Lock()
        self._log = open(os.devnull, "w")
        todo: "queue.Queue[int]" = queue.Queue()
        for n in self.bytes:
            todo.put(n)
        seen = []

        def drain():
            while True:
                try:
                    n = todo.get_nowait()
                except queue.Empty:
                    return
                with self._guard:
                    seen.append(n)
                    print(n, file=self._log)

        threads = [threading.Thread(target=drain) for _ in range(2)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self._log.close()
        del self._guard, self._log
        self.seen = sorted(seen)
        self.squares = parallel_map(lambda n: n * n, self.seen, max_parallel=2)
        self.next(self.end)

    @step
    def end(self):
        gen = (n for n in self.seen if n % 2)
        self.odd = gen
        self.odd = list(self.odd)  # a generator for one line only
        print(self.files, self.rendered, self.squares, self.odd, sorted(self.timings))


if __name__ == "__main__":
    ThumbnailFlow()
