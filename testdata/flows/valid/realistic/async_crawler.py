"""Crawls a (fake) site with asyncio inside of steps; steps themselves stay plain functions."""
import asyncio
import html.parser
import logging
import urllib.parse
from collections import deque
from dataclasses import dataclass, field
from typing import Deque, Dict, List, Optional, Set

from metaflow import FlowSpec, Parameter, current, retry, step

SITE = {
    "/": '<a href="/a">A</a> <a href="/b?x=1">B</a>',
    "/a": '<a href="/">home</a><a href="/c">C</a>',
    "/b?x=1": "<p>no links</p>",
    "/c": '<a href="/missing">gone</a>',
}


@dataclass
class Page:
    url: str
    status: int = 0
    links: List[str] = field(default_factory=list)
    error: Optional[str] = None

    def __bool__(self) -> bool:
        return self.status == 200


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: List[str] = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found += [v for k, v in attrs if k == "href"]


async def fetch(url: str, gate: asyncio.Semaphore) -> Page:
    async with gate:
        await asyncio.sleep(0)
        body = SITE.get(url)
        if body is None:
            return Page(url, 404, error="not found")
        parser = Links()
        parser.feed(body)
        return Page(url, 200, [urllib.parse.urljoin("/", x) for x in parser.found])


class CrawlFlow(FlowSpec):
    root = Parameter("root", default="/")
    concurrency = Parameter("concurrency", default=4)
    max_pages = Parameter("max-pages", default=50)

    @step
    def start(self):
        logging.getLogger("asyncio").setLevel(logging.WARNING)
        self.pages: Dict[str, Page] = {}
        self.frontier: Deque[str] = deque([self.root])
        self.depth = 0
        self.next(self.crawl)

    @retry(times=1, minutes_between_retries=0)
    @step
    def crawl(self):
        async def level(urls):
            gate = asyncio.Semaphore(self.concurrency)
            tasks = [asyncio.create_task(fetch(u, gate)) for u in urls]
            for done in asyncio.as_completed(tasks):
                yield await done

        async def main():
            nxt: Set[str] = set()
            async for page in level(list(self.frontier)):
                self.pages[page.url] = page
                nxt.update(page.links)
                if len(self.pages) >= self.max_pages:
                    return []
            return sorted(nxt - self.pages.keys())

        self.frontier = deque(asyncio.run(main()))
        self.depth += 1
        self.more = "more" if self.frontier else "done"
        self.next({"more": self.crawl, "done": self.analyse}, condition="more")

    @step
    def analyse(self):
        self.broken = [p.url for p in self.pages.values() if not p]
        self.edges = [(p.url, q) for p in self.pages.values() for q in p.links]
        in_degree: Dict[str, int] = {}
        for _, q in self.edges:
            in_degree[q] = in_degree.get(q, 0) + 1
        self.hubs = sorted(in_degree, key=lambda u: (-in_degree[u], u))[:2]
        self.next(self.end)

    @step
    def end(self):
        print(f"[{current.flow_name}] {len(self.pages)} pages in {self.depth} levels; broken: {self.broken}; hubs: {self.hubs}")


if __name__ == "__main__":
    CrawlFlow()
