"""Mail parsing: the ham archive through the worker processes, and what one mail costs in one.

Bytes to `Parsed` with folding, cleaning and packing; the pool's figure includes reading the files, the workers'
start and handing everything back. Best of three.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.corpora import Absent, unpack
from desk.mail import headers, html, packing, quotes
from desk.mail.archive import files
from desk.mail.parse import parse
from desk.mail.parsed import Parsed, Source
from desk.mail.pool import ParserPool
from desk.text import clean

ROUNDS = 3
WORKERS = 2


def run() -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as scratch:
        try:
            folder = unpack("mail-ham", Path(scratch))
        except Absent as absent:
            return [("parsing", f"skipped: {absent}")]
        sources = list(files([folder], lambda skipped: None))
        return [*_through_the_pool(sources), *_one_core(sources)]


def _through_the_pool(sources: list[Source]) -> list[tuple[str, str]]:
    figures: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        pool = ParserPool(WORKERS)
        started = time.perf_counter()
        done = sum(len(chunk) for chunk in pool.parse_many(sources))
        figures.append((done / (time.perf_counter() - started), pool.cpu_seconds / done))
        pool.close()
    best, cost = max(figures)
    return [
        (f"ham archive through {WORKERS} workers, messages/s", f"{best:,.0f}"),
        ("  of that round, processor time a message in the workers, µs", f"{cost * 1e6:,.0f}"),
    ]


def _one_core(sources: list[Source]) -> list[tuple[str, str]]:
    paths = [Path(source.slice.path) for source in sources if source.slice]
    mails = {name: [path.read_bytes() for path in paths if name in path.parts] for name in ("easy-ham-1", "hard-ham-1")}
    easy, hard = mails["easy-ham-1"], mails["hard-ham-1"]
    parsed = [parse(raw) for raw in easy]
    bodies = [one.body for one in parsed]
    return [
        ("parse, personal and list mail, µs", _each(parse, easy)),
        ("parse, newsletters in HTML, µs", _each(parse, hard)),
        ("  packing for the store, µs", _each(packing.pack, easy)),
        ("  headers, µs", _each(_headers, easy)),
        ("  the gate to what may be shown, µs", _each(clean, bodies)),
        ("  quotes and signatures, µs", _each(quotes.fold, bodies)),
        ("HTML to text, a newsletter of 500 elements, µs", _each(_html, [_newsletter()] * 20)),
        ("quotes and signatures, a body of 2 MB, ms", f"{_seconds(quotes.fold, [_large(parsed)]) * 1e3:,.1f}"),
    ]


def _headers(raw: bytes) -> object:
    start = headers.envelope_length(raw)
    return headers.parse(raw[start : headers.end_of_block(raw, start, len(raw))])


def _html(markup: str) -> object:
    return html.to_text(markup, html.Links())


def _newsletter() -> str:
    cell = '<td style="padding:4px"><a href="https://shop.example/{0}"><b>Offer {0}</b></a><br>only <i>{0}.99</i></td>'
    rows = "".join(f"<tr>{cell.format(n)}{cell.format(n + 1)}</tr>" for n in range(0, 110, 2))
    return f"<html><body><table>{rows}</table></body></html>"


def _large(parsed: Iterable[Parsed]) -> str:
    return "\n".join(one.body for one in parsed)[: 2 * 1024 * 1024]


def _seconds(function: Callable[[object], object], inputs: list[object]) -> float:
    """Processor seconds an input, the best of three rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for given in inputs:
            function(given)
        best = min(best, time.process_time() - started)
    return best / len(inputs)


def _each(function: Callable[..., object], inputs: list[bytes] | list[str]) -> str:
    return f"{_seconds(function, list(inputs)) * 1e6:,.0f}"
