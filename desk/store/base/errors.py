"""What a store raises."""

from __future__ import annotations


class StoreError(Exception):
    """Something the store cannot do; the message says what, where and what to do."""


class NewerSchema(StoreError):
    """The database was written by a newer Desk."""
