"""Asking a person, inside an asynchronous command."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click


@contextmanager
def interruptible() -> Iterator[None]:
    """Let ctrl+c end a wait for keys at once; asyncio would note it and go on waiting."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def ask(question: str, **options: Any) -> str:
    """`click.prompt` on stderr, so that stdout holds results only. Raises click.Abort."""
    with interruptible():
        return str(click.prompt(question, err=True, **options))
