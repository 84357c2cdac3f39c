"""Styles parsed once for all terminals of a process.

Each terminal parses the same thirty texts anew, a tenth of what a test of the screens costs. What comes of a text and
the colours of a theme is never altered, so that one may have what another made of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

Rules = list[RuleSet]
KEPT = 2_000

_parsed: dict[tuple[object, ...], Rules] = {}


def _once(parse: Callable[..., Rules]) -> Callable[..., Rules]:
    @functools.wraps(parse)
    def parsed(self: Stylesheet, *arguments: Any, **named: Any) -> Rules:
        key = (frozenset(self._variables.items()), arguments, *sorted(named.items()))
        if key not in _parsed:
            if len(_parsed) >= KEPT:
                _parsed.clear()
            _parsed[key] = parse(self, *arguments, **named)
        return _parsed[key]

    return parsed


@pytest.fixture(autouse=True)
def parsing_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stylesheet, "_parse_rules", _once(Stylesheet._parse_rules))
