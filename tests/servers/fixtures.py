"""Pytest fixtures over the real servers; `tests/conftest.py` offers them to every test.

`dovecot` and `smtp` live for a whole session (one per xdist worker): isolate a test by a mailbox of its own, from
`new_user`. A test that kills or reconfigures a server takes `own_dovecot` and `own_smtp`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay

__all__ = ["dovecot", "new_user", "own_dovecot", "own_smtp", "shared_smtp", "smtp"]


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A running Dovecot."""
    with Dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def shared_smtp(dovecot: Dovecot) -> Iterator[SmtpRelay]:
    with SmtpRelay(None, dovecot) as server:
        yield server


@pytest.fixture
def smtp(shared_smtp: SmtpRelay) -> Iterator[SmtpRelay]:
    """A running SMTP relay into `dovecot`, well-behaved again after each test."""
    yield shared_smtp
    shared_smtp.set()


@pytest.fixture
def new_user(dovecot: Dovecot) -> Callable[..., str]:
    """Makes mailboxes on `dovecot`: `new_user("support")` returns a fresh address."""
    return dovecot.unique_user


@pytest.fixture
def own_dovecot() -> Iterator[Dovecot]:
    """A Dovecot for this test alone, to be killed at will."""
    with Dovecot() as server:
        yield server


@pytest.fixture
def own_smtp(own_dovecot: Dovecot) -> Iterator[SmtpRelay]:
    """A relay into `own_dovecot` for this test alone."""
    with SmtpRelay(None, own_dovecot) as server:
        yield server
