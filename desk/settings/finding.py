"""What is right in the tables of `desk.toml`, and what is wrong, with file, line and remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from desk.settings.field import Field
from desk.settings.fields import named
from desk.settings.judging import problem
from desk.settings.places import line_of
from desk.settings.words import NAME


class Findings:
    """Looks at one table after the other, and gathers what is wrong on the way."""

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self.findings: list[str] = []
        self._lines = text.splitlines()

    @property
    def folder(self) -> str:
        """Where the file lies: relative paths begin there."""
        return str(self.path.absolute().parent)

    def table(self, value: object, at: tuple[str, ...], header: str) -> dict[str, Any]:
        """The table, or an empty one if it is none, which is told."""
        return value if self.is_table(value, at, header) and isinstance(value, dict) else {}

    def is_table(self, value: object, at: tuple[str, ...], header: str) -> bool:
        """Tells it if not; `header`: how it is written."""
        if not isinstance(value, dict):
            self.finding(at, f"{at[-1]} is a table; write [{header}] above its keys")
        return isinstance(value, dict)

    def good(self, table: Mapping[str, Any], at: tuple[str, ...], fields: Sequence[Field]) -> dict[str, Any]:
        """What is right of a table whose keys are all known; the rest are findings."""
        known = named(fields)
        for name in [name for name in table if name not in known]:
            self.unknown((*at, name), known)
        return {name: table[name] for name in table if name in known and self.fits(known[name], table[name], at)}

    def named(self, tables: dict[str, Any], section: str, noun: str, read: Any) -> dict[str, Any]:
        """Tables with names of people's choosing; `read` makes one, or None and findings."""
        found = {}
        for name, table in tables.items():
            at = (section, name)
            if not isinstance(table, dict):
                article = "an" if noun[0] in "aeiou" else "a"
                self.finding(at, f"{article} {noun} is a table; write [{section}.{name}] above its keys")
            elif not NAME.fullmatch(name):
                self.finding(at, f"{noun} names are letters, digits, '.', '-' and '_', at most 64: not {name!r}")
            elif (made := read(name, table, at)) is not None:
                found[name] = made
        return found

    def stands(self, at: tuple[str, ...], wrong: tuple[str, str] | None) -> bool:
        """Whether nothing is wrong with a table; tells the key and what is."""
        if wrong is not None:
            self.finding((*at, wrong[0]), wrong[1])
        return wrong is None

    def fits(self, field: Field, value: object, table: tuple[str, ...]) -> bool:
        """Whether a value is one that the field takes; tells it if not."""
        wrong = problem(field, value)
        if wrong:
            after = next((step for step in value if repr(step) in wrong), "") if isinstance(value, list) else ""
            self.finding((*table, field.name), wrong, after=str(after))
        return not wrong

    def unknown(self, at: tuple[str, ...], known: Mapping[str, object]) -> None:
        """Tell that there is no such setting, and which may have been meant."""
        from difflib import get_close_matches

        close = get_close_matches(at[-1], sorted(known), n=1)
        hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(sorted(known))}"
        self.finding(at, f"there is no setting {'.'.join(at)}; {hint}")

    def finding(self, at: tuple[str, ...], what: str, *, after: str = "") -> None:
        """`after`: the text, at that key or below, that is wrong."""
        number = line_of(self._lines, at)
        if number and after:
            below = (n for n, line in enumerate(self._lines[number - 1 :], number) if after.split("\n")[0] in line)
            number = next(below, number)
        self.findings.append(f"{self.path}:{number}: {what}" if number else f"{self.path}: {what}")

    def column_of(self, at: tuple[str, ...], text: str) -> int | None:
        """Where a text in quotes begins in its line, from 1; None if it is written in some other way there."""
        number = line_of(self._lines, at)
        found = -1 if number is None else self._lines[number - 1].find(text)
        return found + 1 if found >= 0 else None
