"""The sample shop's help articles: the files beside this one, and what visitors asked of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any


def read_articles() -> dict[str, bytes]:
    """The articles' files by their path."""
    return {path: file.read_bytes() for path, file in _markdown(files(__name__))}


def read_asks() -> list[dict[str, Any]]:
    """What visitors asked: `words`, `page`, `times`, and if so the `slug` opened, `solved` and `person`."""
    asks: list[dict[str, Any]] = tomllib.loads((files(__name__) / "asks.toml").read_text("utf-8"))["asks"]
    return asks


def _markdown(folder: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _markdown(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(".md"):
            yield f"{above}{entry.name}", entry
