"""All settings with what they are now, where that comes from, and what they are for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desk.settings.calling import CALLBACKS, HOURS
from desk.settings.field import Field
from desk.settings.fields import ARTICLES, DESK, KEYS, KIND_OF, PLACES, PROMISES, field_at, inside
from desk.settings.places import join_path, line_of
from desk.settings.reading import tables_of
from desk.settings.routing import LEARNING, MAILING
from desk.settings.shown import SettingValue
from desk.settings.staffing import ROSTER
from desk.settings.visiting import CAPACITY, VISITORS

_NAMED = (
    "queues",
    "shifts",
    "calendars",
    "policies",
    "missed",
    "invitations",
    "macros",
    "rules",
    "automations",
    "alerts",
    "lookup",
)
"""Tables of tables with names of people's choosing, in the order in which they are told."""
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
"""A link of Markdown."""


def listed(text: str, path: Path, login: str = "") -> list[SettingValue]:
    """Every setting of a `desk.toml`, those of that rep among them. Raises SettingsError if it is no TOML."""
    return list(_Listing(text, tables_of(text, path), login).all())


class _Listing:
    def __init__(self, text: str, tables: Mapping[str, Any], login: str) -> None:
        self._lines = text.splitlines()
        self._tables = tables
        self._login = login

    def all(self) -> Iterator[SettingValue]:
        yield from self._fields(("desk",), DESK)
        for login in dict.fromkeys([*([self._login] if self._login else []), *self._names("reps")]):
            yield from self._fields(("reps", login), tuple(map(self._of_all, inside(("reps", login), ""))))
        for section, (key, usual) in KIND_OF.items():
            for name in self._names(section):
                yield from self._connected(section, name, str(self._tables[section][name].get(key, usual)))
        yield from self._fields(("promises",), PROMISES)
        yield from self._fields(("hours",), HOURS)
        yield from self._fields(("roster",), ROSTER)
        yield from self._fields(("callbacks",), CALLBACKS)
        yield from self._fields(("articles",), ARTICLES)
        yield from self._fields(("visitors",), VISITORS)
        yield from self._fields(("capacity",), CAPACITY)
        yield from self._fields(("learning",), LEARNING)
        yield from self._fields(("mailing",), MAILING)
        for name in self._names("views", leaves=True):
            yield from self._one(("views", name))
        for section in _NAMED:
            for name in self._names(section):
                yield from self._fields((section, name), tuple(inside((section, name), "")))
        yield from self._keys()

    def _names(self, section: str, *, leaves: bool = False) -> list[str]:
        table = self._tables.get(section, {})
        return [name for name, each in table.items() if leaves or isinstance(each, dict)] if table else []

    def _fields(self, at: tuple[str, ...], fields: Sequence[Field]) -> Iterator[SettingValue]:
        for field in fields:
            yield self._value((*at, field.name), field)

    def _of_all(self, field: Field) -> Field:
        """A rep's field: by default it is what everybody has."""
        everybody = self._tables.get("desk", {})
        return replace(field, default=everybody.get(field.name, field.default))

    def _one(self, at: tuple[str, ...]) -> Iterator[SettingValue]:
        field = field_at(at)
        if field is not None:
            yield self._value(at, field)

    def _connected(self, section: str, name: str, kind: str) -> Iterator[SettingValue]:
        """An account or a dialer: what all have, and what its kind has."""
        at = (section, name)
        table = self._tables[section][name]
        known = list(inside(at, kind))
        for field in known:
            if isinstance(table.get(field.name), dict) and (deeper := list(inside((*at, field.name), kind))):
                yield from self._fields((*at, field.name), deeper)
            else:
                yield self._value((*at, field.name), field)
        for key in table.keys() - {field.name for field in known}:
            yield self._value((*at, key), Field(path="x", kind="toml", help=f"of the {KIND_OF[section][0]} {kind}"))

    def _keys(self) -> Iterator[SettingValue]:
        from desk.keymap.registry import ACTIONS, BY_NAME

        for action in ACTIONS:
            default: list[str] | str = list(action.keys) if len(action.keys) != 1 else action.keys[0]
            field = Field(path=KEYS[0].path, kind="keys", default=default, help=action.help)
            yield self._value(("keys", action.name), field)
        for name, value in self._tables.get("keys", {}).items():
            if isinstance(value, dict):
                for inner in value:
                    told = BY_NAME[inner].help if inner in BY_NAME else PLACES[0].help
                    yield self._value(("keys", name, inner), Field(path=PLACES[0].path, kind="keys", help=told))
            elif name not in BY_NAME:
                yield self._value(("keys", name), Field(path=KEYS[0].path, kind="keys", help=f"a key for :{name}"))

    def _value(self, at: tuple[str, ...], field: Field) -> SettingValue:
        found: Any = self._tables
        for part in at:
            found = found.get(part) if isinstance(found, Mapping) else None
        return SettingValue(
            path=join_path(at),
            group=join_path(at[:2] if len(at) > 2 else at[:1]),
            name=join_path(at[2:] if len(at) > 2 else at[1:]),
            kind=field.kind,
            value=field.default if found is None else _plain(found),
            default=field.default,
            source="default" if found is None else "desk.toml",
            line=None if found is None else line_of(self._lines, at),
            help=_LINK.sub(r"\1", field.help).replace("`", ""),
            choices=field.choices,
            others=field.others,
            shown=field.shown,
            effect=field.effect,
        )


def _plain(value: Any) -> Any:
    """A value as JSON has it: TOML's dates and times as texts."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | bool | int | float) else str(value)
