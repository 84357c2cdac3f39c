"""The sample shop in workspaces no server holds: loaded once in a while, copied for each who wants it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from desk.clock import MINUTE, Clock, Millis, SystemClock
from desk.service import sample
from desk.store.sqlite import open_store
from desk.workspace import Workspace

FRESH: Millis = 3 * MINUTE
"""How long a shop loaded as of the present passes for loaded now: it tells of weeks."""


class Loaded(NamedTuple):
    """A folder to copy from."""

    at: Millis
    folder: Path


_loaded: dict[tuple[str, str, bool], Loaded] = {}


def fill_with_sample(home: Workspace, clock: Clock | None = None, *, agent: str = "mia", name: str = "") -> None:
    """Put the sample shop, as of the clock's instant, into a fresh workspace; `agent` takes part in it."""
    assert not home.database.exists(), "the workspace is in use"
    shutil.copytree(_shop(clock or SystemClock(), agent, name), home.folder, dirs_exist_ok=True)


def _shop(clock: Clock, agent: str, name: str) -> Path:
    """The folder of a workspace with it."""
    now, moving = clock.now(), isinstance(clock, SystemClock)
    key = (agent, name, moving)
    known = _loaded.get(key)
    if known is None or not 0 <= now - known.at <= (FRESH if moving else 0):
        if known is not None:
            shutil.rmtree(known.folder)
        known = _loaded[key] = Loaded(now, Path(tempfile.mkdtemp(prefix="shop")))
        _load(Workspace(known.folder).prepare(), clock, agent, name)
    return known.folder


@atexit.register
def _forget() -> None:
    for known in _loaded.values():
        shutil.rmtree(known.folder, ignore_errors=True)


def _load(home: Workspace, clock: Clock, agent: str, name: str) -> None:
    store = open_store(home.database, blobs=home.attachments, clock=clock)
    try:
        with store.write():
            rep = store.agents.ensure(agent, name)
        sample.load(store, clock, rep)
    finally:
        store.close()
