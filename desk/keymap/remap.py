"""The table `[keys]` of `desk.toml`: what it says, and everything that is wrong with it.

`reply = "R"` gives an action other keys, `[keys.conversation]` only there, and `"snooze tomorrow" = "T"` binds a line
of the command line. What cannot work is refused here, because the toolkit would accept it silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from msgspec import Struct, field

from desk.keymap.action import TYPED, Action, Context
from desk.keymap.keys import Finding, KeymapError, is_text, normal_keys
from desk.keymap.registry import BY_NAME

CONTEXTS: tuple[Context, ...] = get_args(Context)


class Remap(Struct):
    """What a table says."""

    everywhere: dict[str, tuple[str, ...]] = field(default_factory=dict)
    somewhere: dict[tuple[str, Context], tuple[str, ...]] = field(default_factory=dict)
    lines: list[Action] = field(default_factory=list)
    """Lines of the command line that were given keys."""
    findings: list[Finding] = field(default_factory=list)

    def remaps(self, name: str, context: Context) -> bool:
        return name in self.everywhere or (name, context) in self.somewhere


def understand(table: Mapping[str, object]) -> Remap:
    """Read a table; what is wrong is among the findings."""
    remap = Remap()
    for name, value in table.items():
        if isinstance(value, Mapping):
            _context(remap, name, value)
        elif (action := _action(remap, (name,))) is not None and (keys := _keys(remap, action, value, (name,))):
            remap.everywhere[action.name] = keys
    return remap


def _context(remap: Remap, name: str, table: Mapping[str, object]) -> None:
    if name not in CONTEXTS:
        remap.findings.append(Finding((name,), f"there is no such place; places are {', '.join(CONTEXTS)}"))
        return
    context: Context = name
    for each, value in table.items():
        at = (name, each)
        action = _action(remap, at, context)
        if action is not None and (keys := _keys(remap, action, value, at, context)):
            remap.somewhere[action.name, context] = keys


def _action(remap: Remap, at: tuple[str, ...], context: Context | None = None) -> Action | None:
    name = at[-1]
    action = BY_NAME.get(name) or next((line for line in remap.lines if line.name == name), None)
    if action is None and " " in name:
        action = _line(remap, at)
    elif action is None:
        said = f"there is no such action; `?` in Desk lists them all{_nearest(name)}"
        remap.findings.append(Finding(at, said))
    elif context is not None and context not in action.contexts:
        said = f"{name} does not work in the {context}, only in: {', '.join(action.contexts)}"
        remap.findings.append(Finding(at, said))
        return None
    return action


def _line(remap: Remap, at: tuple[str, ...]) -> Action | None:
    from desk.commandline import CommandError, parse

    try:
        command = parse(at[-1])
    except CommandError as error:
        remap.findings.append(Finding(at, str(error)))
        return None
    meant = BY_NAME[command.action]
    contexts = meant.contexts if len(at) == 1 else tuple(each for each in meant.contexts if each == at[0])
    made = Action(
        name=at[-1], group=meant.group, keys=(), help=meant.help, contexts=contexts, runs=at[-1],
        countable=meant.countable,
    )  # fmt: skip
    remap.lines.append(made)
    return made


def _keys(
    remap: Remap, action: Action, written: object, at: tuple[str, ...], context: Context | None = None
) -> tuple[str, ...]:
    given = [written] if isinstance(written, str) else written
    if not isinstance(given, list | tuple) or not given or not all(isinstance(key, str) for key in given):
        remap.findings.append(Finding(at, "give a key, or a list of keys"))
        return ()
    try:
        keys = tuple(dict.fromkeys(normal_keys(key) for key in given))
    except KeymapError as error:
        remap.findings.append(Finding(at, str(error)))
        return ()
    places = action.contexts if context is None else (context,)
    if any(place in TYPED for place in places):
        for key in keys:
            if any(is_text(part) for part in key.split()):
                said = f"{key!r} is text where {action.name} works; use ctrl+letter or a function key"
                remap.findings.append(Finding(at, said))
                return ()
    return keys


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, BY_NAME, 1)
    return f" (did you mean {near[0]}?)" if near else ""
