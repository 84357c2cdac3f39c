"""Many days or weeks by several ways of handing out work, in as many processes as there are to spare."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from msgspec import Struct

from desk.simulation.figures import Figures
from desk.simulation.floor import work
from desk.simulation.policies import POLICIES
from desk.simulation.serving import serve
from desk.simulation.week import Shop, arrivals

_MEMORY = "/dev/shm"


class Run(Struct, frozen=True, kw_only=True):
    """One seed, by every way."""

    shop: Shop
    seed: int
    ways: Sequence[str]
    service: bool = False
    """Whether it is worked off with Desk itself."""


def done(runs: Sequence[Run], jobs: int) -> Iterator[dict[str, Figures]]:
    """What came of each run, in their order, by way. Raises ValueError for a shop that Desk cannot serve."""
    with ExitStack() as closing:
        folder = closing.enter_context(tempfile.TemporaryDirectory(prefix="desk-weeks-", dir=memory()))
        one = partial(worked, beneath=Path(folder))
        if min(jobs, len(runs)) > 1:
            pool = multiprocessing.get_context("spawn").Pool(min(jobs, len(runs)), initializer=_let_parent_decide)
            yield from closing.enter_context(pool).imap(one, runs)
        else:
            yield from map(one, runs)


def worked(run: Run, beneath: Path | None = None) -> dict[str, Figures]:
    """What came of one run."""
    week = arrivals(run.shop, run.seed)
    if run.service:
        return {way: serve(run.shop, week, way, beneath) for way in run.ways}
    return {way: work(run.shop, week, POLICIES[way]()) for way in run.ways}


def memory() -> str | None:
    """A folder in memory where there is one: what is written there need not reach a disk."""
    return _MEMORY if os.access(_MEMORY, os.W_OK) else None


def _let_parent_decide() -> None:
    """An interrupt ends the parent, which ends these."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
