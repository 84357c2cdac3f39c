"""The actions with the keys a workspace gave them, and what a key press means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from desk.keymap.action import Action, Context
from desk.keymap.keys import Finding, KeymapError
from desk.keymap.registry import ACTIONS
from desk.keymap.remap import Remap, understand

Places = Mapping[Context, tuple[str, ...]]
Table = Mapping[tuple[Context, str], str]


class Next(NamedTuple):
    """What a key would do after those pressed before it."""

    key: str
    action: Action


class Keymap:
    """What every key does, by context. `remap` is the table `[keys]`; raises KeymapError for what cannot work."""

    def __init__(self, remap: Mapping[str, object] | None = None) -> None:
        given = understand(remap or {})
        actions = (*ACTIONS, *given.lines)
        places = {action.name: _places(action, given) for action in actions}
        table, clashes = _table(actions, places, given)
        findings = [*given.findings, *clashes]
        if findings:
            raise KeymapError(*findings)
        self._take(actions, places, table)

    def _take(self, actions: tuple[Action, ...], places: Mapping[str, Places], table: Table) -> None:
        self.actions = actions
        """All there is: the registry, and the lines a workspace bound to keys."""
        self._by_name = {action.name: action for action in actions}
        self._places = places
        self._table = table
        self._prefixes = frozenset((context, begin) for context, key in table for begin in _beginnings(key))

    def adopt(self, other: Keymap) -> None:
        """Become another keymap: everybody who holds this one goes by the other's keys from now on."""
        self._take(other.actions, other._places, other._table)

    def same(self, other: Keymap) -> bool:
        """Whether every key means the same."""
        return self._table == other._table

    def action(self, name: str) -> Action:
        """The action of that name. Raises KeyError."""
        return self._by_name[name]

    def keys(self, action: str, context: Context | None = None) -> tuple[str, ...]:
        """The keys of an action, the first being the one that is shown: in a context, or where it works first."""
        places = self._places[action]
        if context is not None and context in places:
            return places[context]
        return next(iter(places.values()), ())

    def key(self, action: str, context: Context | None = None) -> str:
        """The key of an action that is shown, '' if it has none."""
        keys = self.keys(action, context)
        return keys[0] if keys else ""

    def find(self, context: Context, key: str) -> str | None:
        """The action a key, or one after the other, stands for in a context."""
        return self._table.get((context, key))

    def begins(self, context: Context, key: str) -> bool:
        """Whether something starts with this key, or with these, in a context."""
        return (context, key) in self._prefixes

    def after(self, context: Context, key: str) -> Iterator[Next]:
        """What may follow the keys pressed so far, in the order of the registry."""
        for action in self.here(context):
            for each in self.keys(action.name, context):
                if each.startswith(key + " "):
                    yield Next(each[len(key) + 1 :], action)

    def here(self, context: Context) -> Iterable[Action]:
        """The actions of a context, in the order of the registry."""
        return (action for action in self.actions if context in action.contexts)


def _places(action: Action, given: Remap) -> Places:
    everywhere = given.everywhere.get(action.name, action.keys)
    return {context: given.somewhere.get((action.name, context), everywhere) for context in action.contexts}


def _table(actions: Iterable[Action], places: Mapping[str, Places], given: Remap) -> tuple[Table, list[Finding]]:
    table: dict[tuple[Context, str], str] = {}
    found: dict[tuple[str, str, str], Finding] = {}
    for action in actions:
        for context, keys in places[action.name].items():
            for key in keys:
                other = table.setdefault((context, key), action.name)
                if other != action.name:
                    said = f"{key!r} would be both {other!r} and {action.name!r} in the {context}"
                    found.setdefault((key, other, action.name), _clash(given, context, other, action.name, said))
    for (context, key), name in table.items():
        for begin in _beginnings(key):
            if (context, begin) in table:
                other = table[context, begin]
                said = f"{begin!r} would be {other!r}, and the beginning of {key!r}, {name!r}, in the {context}"
                found.setdefault((begin, other, ""), _clash(given, context, other, name, said))
    return table, list(found.values())


def _beginnings(key: str) -> Iterator[str]:
    """`g x` and `g` of `g x y`."""
    while " " in key:
        key = key.rpartition(" ")[0]
        yield key


def _clash(given: Remap, context: Context, one: str, other: str, said: str) -> Finding:
    mine = next((name for name in (other, one) if given.remaps(name, context)), other)
    at = (context, mine) if (mine, context) in given.somewhere else (mine,)
    return Finding(at, f"{said}; give one of them another key")
