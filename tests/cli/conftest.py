"""Workspaces with something in them, and the program to look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.cli.program import Program
from tests.servers.desk import DeskServer
from tests.servers.shop import fill_with_sample


@pytest.fixture
def desk(desk_server: DeskServer) -> Program:
    """The program over an empty workspace whose server runs."""
    return Program(desk_server.home)


@pytest.fixture(scope="module")
def sample_server() -> Iterator[DeskServer]:
    with DeskServer() as server:
        fill_with_sample(server.home)
        yield server.start()


@pytest.fixture
def shop(sample_server: DeskServer) -> Program:
    """The program over the sample shop, shared by a module's tests: look, do not touch."""
    return Program(sample_server.home)


@pytest.fixture
def own_shop(new_desk: Callable[..., DeskServer]) -> Program:
    """The program over a sample shop of this test's own."""
    server = new_desk()
    fill_with_sample(server.home)
    return Program(server.start().home)
