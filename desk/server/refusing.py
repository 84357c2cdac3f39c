"""What the service says no to, told to visitors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.sites import Refused
from desk.service.errors import ServiceError


@contextmanager
def refusing() -> Iterator[None]:
    """Raises `Refused` for whatever is raised as `ServiceError` within."""
    try:
        yield
    except ServiceError as error:
        raise Refused(error.code, error.message, field=error.detail.get("field", "")) from error
