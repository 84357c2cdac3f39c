"""The values that actions may be told, for the `:` line to offer and to check."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from pathlib import Path

from desk.commandline import SWITCH, Choice
from desk.keymap import Kind
from desk.steps import PRIORITIES
from desk.times import parse_when
from screens.callbar import OUTCOMES
from screens.desk import Desk
from screens.settable import SETTABLE
from screens.themes import SHORT, TOLD
from screens.times import full_stamp

TIMES = (
    "1h", "3h", "tonight 18:00", "tomorrow", "tomorrow 14:00", "2d", "monday", "friday 14:00", "1w",
)  # fmt: skip
PATHS_AT_MOST = 200

Asked = Callable[[Desk], Awaitable[list[Choice]]]


async def _reps(desk: Desk) -> list[Choice]:
    reps = [Choice(agent.login, agent.name) for agent in await desk.client.agents()]
    return [Choice("me", "yourself"), Choice("nobody", "no rep's"), *reps]


async def _tags(desk: Desk) -> list[Choice]:
    return [Choice(tag.name) for tag in await desk.client.tags()]


async def _queues(desk: Desk) -> list[Choice]:
    return [*(Choice(queue.name) for queue in await desk.client.queues()), Choice("none", "in no queue")]


async def _views(desk: Desk) -> list[Choice]:
    views = await desk.client.views()
    titles = [view.title for view in views]
    named = [Choice(view.name, f"{view.count:,} {view.query}".strip()) for view in views]
    plain = [
        Choice(view.title, choice.help)
        for view, choice in zip(views, named, strict=True)
        if view.title != view.name and titles.count(view.title) == 1
    ]
    return [*plain, *named]


async def _accounts(desk: Desk) -> list[Choice]:
    return [Choice(account.name, account.state) for account in await desk.client.accounts()]


async def _macros(desk: Desk) -> list[Choice]:
    return [Choice(macro.name, macro.help or " · ".join(macro.steps)) for macro in await desk.client.macros()]


async def _answers(desk: Desk) -> list[Choice]:
    """By what is typed after `::`; the server takes the one in the customer's language."""
    titles: dict[str, str] = {}
    for answer in await desk.client.all_answers():
        titles.setdefault(answer.shortcut, answer.title)
    return [Choice(shortcut, title) for shortcut, title in titles.items()]


ASKED: Mapping[Kind, Asked] = {"account": _accounts, "rep": _reps, "tag": _tags, "queue": _queues, "view": _views}
"""What the server knows, by kind."""
ASKED_LATE: Mapping[Kind, Asked] = {"macro": _macros, "answer": _answers}
"""What may be thousands, and is asked for only by those who want it."""


class Values:
    """What may be told, as the server said it last."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[Kind, list[Choice]] = {}
        self._wanted: set[Kind] = set()

    @property
    def missing(self) -> bool:
        """Whether something was wanted that has not been asked for: `load` does."""
        return bool(self._wanted - self._known.keys())

    async def load(self) -> None:
        """Ask the server for what is not known yet. Raises ClientError."""
        asked = {**ASKED, **{kind: ASKED_LATE[kind] for kind in self._wanted}}
        new = {kind: ask for kind, ask in asked.items() if kind not in self._known}
        answers = await asyncio.gather(*(ask(self._desk) for ask in new.values()))
        self._known |= dict(zip(new, answers, strict=True))

    def choices(self, kind: Kind, typed: str) -> Iterable[Choice]:
        """What could be told where an action takes something of this kind."""
        match kind:
            case "time":
                return self._times(typed)
            case "path":
                return paths(typed)
            case "priority":
                return [Choice(name) for name in PRIORITIES]
            case "switch":
                return [Choice(name) for name in SWITCH]
            case "theme":
                return [Choice(name, TOLD[name]) for name in SHORT]
            case "outcome":
                return [Choice(each.name, each.help) for each in OUTCOMES]
            case "setting":
                return [Choice(f"{name} {value}") for name, each in SETTABLE.items() for value in each.values]
            case "action":
                return [Choice(action.name, action.help) for action in self._desk.keymap.actions]
            case _:
                self._wanted |= {kind} & ASKED_LATE.keys()
                return self._known.get(kind, ())

    def _times(self, typed: str) -> Iterator[Choice]:
        now = self._desk.clock.now()
        for words in TIMES:
            if (at := parse_when(words, now)) is not None:
                yield Choice(words, full_stamp(at))


def paths(typed: str) -> list[Choice]:
    """The files and folders whose path begins as typed; hidden ones only if asked for. Folders end in a slash."""
    folder, _, begin = typed.rpartition("/")
    shown = folder + "/" if "/" in typed else ""
    try:
        with os.scandir(Path(shown or ".").expanduser()) as entries:
            found = [
                (not _is_folder(entry), entry.name)
                for entry in entries
                if entry.name.startswith(begin) and entry.name.isprintable()
                and (begin.startswith(".") or not entry.name.startswith("."))
            ]  # fmt: skip
    except (OSError, ValueError, RuntimeError):
        return []
    return [Choice(shown + name + ("" if file else "/")) for file, name in sorted(found)[:PATHS_AT_MOST]]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
