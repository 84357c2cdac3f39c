"""What every store is tested with. A second implementation joins by a line in `IMPLEMENTATIONS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk.clock import Clock, ManualClock
from desk.store.base import Store
from tests.store.opening import store_in
from tests.store.world import World

Opener = Callable[[Path, Clock], Store]
IMPLEMENTATIONS: dict[str, Opener] = {"sqlite": store_in}


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
def make_store(request: pytest.FixtureRequest) -> Opener:
    """Opens a store whose data lies in a folder, or below it; the same folder opens the same store again."""
    return IMPLEMENTATIONS[request.param]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(make_store: Opener, tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    opened = make_store(tmp_path, clock)
    yield opened
    opened.close()


@pytest.fixture
def world(store: Store, clock: ManualClock) -> World:
    return World(store, clock)
