"""The `:` line: an action by its name, and what it is told. Reading and completing it, without a screen.

Its words are those of `desk.quoting`; tags, times and priorities are said as in `desk.steps`. Names may be cut short as
long as they mean one action. A number alone goes to that row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from msgspec import Struct

from desk.fuzzy import ranked
from desk.keymap.action import Action, Kind
from desk.keymap.registry import ACTIONS, BY_NAME
from desk.quoting import QuoteError, Word, quote, words
from desk.steps import PRIORITIES, SEPARATOR, StepError, tags
from desk.times import EXAMPLES, understood

SHOWN_AT_MOST = 50
"""Completions offered for one word."""
DIGITS_AT_MOST = 16
"""Of a number: ids are below 2^53."""
SWITCH = ("on", "off")
_ONE_WORD: frozenset[Kind] = frozenset(
    {"rep", "priority", "conversation", "switch", "number", "action", "theme", "outcome"}
)
_NUMBERS: frozenset[Kind] = frozenset({"conversation", "number"})
_CLOSED: frozenset[Kind] = frozenset({"outcome", "rep", "queue", "view", "macro", "action", "setting"})
"""What has to be one of the values that are offered."""
_WORDS: dict[Kind, str] = {
    "rep": "a rep",
    "tag": "tags, such as +refund -late",
    "time": f"a time: {EXAMPLES}",
    "priority": f"one of {', '.join(PRIORITIES)}",
    "queue": "a queue",
    "view": "a view",
    "answer": "an answer",
    "macro": "a macro",
    "conversation": "a conversation's number",
    "path": "a path",
    "query": "words to search for",
    "switch": "on or off",
    "number": "a number",
    "action": "an action",
    "setting": "something to set, such as theme light",
    "theme": "a theme, such as light",
    "account": "a connected account",
    "outcome": "an outcome, such as reached or no-answer",
    "text": "a text",
}


class CommandError(QuoteError):
    """A line that cannot be carried out."""


class Command(Struct, frozen=True):
    """What a line means."""

    action: str
    argument: str | None = None
    start: int = 0
    """The columns of the argument."""
    end: int = 0


class Choice(NamedTuple):
    """A value that may stand somewhere."""

    text: str
    help: str = ""


class Completion(NamedTuple):
    """What could stand in the columns `start` to `end`."""

    start: int
    end: int
    choices: Sequence[Choice]
    """Each as it would be written."""


Choices = Callable[[Kind, str], Iterable[Choice]]
"""The values of a kind; for paths, those that begin as given."""


def parse(line: str, actions: Sequence[Action] = ACTIONS) -> Command:
    """What a line means. Names may be cut short to what is one of `actions`. Raises CommandError."""
    start = len(line) - len(line.lstrip(" :"))
    name, end = _name(line, start)
    if not name:
        raise CommandError("type an action, such as snooze tomorrow; tab offers what there is", start, start)
    rest = line[end:].strip()
    if name.isdecimal() and not rest:
        return Command("go-to", _argument(BY_NAME["go-to"], name, start), start, end)
    action = _named(name, start, end, actions)
    if not rest:
        if action.required:
            raise CommandError(f"{action.name} needs {_WORDS[action.argument]}", start, end)
        told = "on" if action.argument == "switch" else None
        return Command(action.name, told, len(line), len(line))
    at = line.index(rest, end)
    return Command(action.name, _argument(action, rest, at), at, at + len(rest))


def usage(action: Action) -> str:
    """How an action is written on the `:` line, such as `snooze [TIME]`."""
    if action.argument == "none":
        return action.name
    value = "on|off" if action.argument == "switch" else action.argument.upper()
    return f"{action.name} {value}" if action.required else f"{action.name} [{value}]"


def _name(line: str, start: int) -> tuple[str, int]:
    end = start
    while end < len(line) and not line[end].isspace():
        end += 1
    return line[start:end], end


def _named(name: str, start: int, end: int, actions: Sequence[Action]) -> Action:
    wanted = name.casefold()
    for action in ACTIONS:
        if wanted == action.name or wanted in action.aliases:
            return action
    near = [action for action in actions if action.name.startswith(wanted)]
    if len(near) == 1:
        return near[0]
    if near:
        raise CommandError(f"{name} could be {_list(each.name for each in near)}; type more of it", start, end)
    close = get_close_matches(wanted, BY_NAME, 1)
    hint = f"did you mean {close[0]}?" if close else "tab offers what there is"
    raise CommandError(f"there is no action {name}; {hint}", start, end)


def _list(names: Iterable[str], at_most: int = 6) -> str:
    given = list(names)
    return ", ".join(given[:at_most]) + (", …" if len(given) > at_most else "")


def _argument(action: Action, rest: str, at: int) -> str:
    kind = action.argument
    given = [Word(word.text, word.start + at, word.end + at) for word in _shifted(rest, at)]
    if kind == "none":
        raise CommandError(f"{action.name} takes nothing after it", given[0].start, given[-1].end)
    if kind in _ONE_WORD and len(given) > 1:
        raise CommandError(f"{action.name} takes {_WORDS[kind]} and nothing after it", given[1].start, given[-1].end)
    text = given[0].text if len(given) == 1 and kind not in ("tag", "query", "text") else rest
    if fault := _fault(kind, text):
        raise CommandError(fault, at, at + len(rest))
    return _whole(PRIORITIES, text) if kind == "priority" else text


def _shifted(rest: str, at: int) -> list[Word]:
    try:
        return words(rest)
    except QuoteError as error:
        raise CommandError(str(error), error.start + at, error.end + at) from None


def _fault(kind: Kind, text: str) -> str:
    """Why a text is none of a kind, as far as the text alone tells."""
    if kind == "tag":
        try:
            tags(text)
        except StepError as error:
            return str(error)
    good = True
    if kind == "time":
        good = understood(text)
    elif kind == "priority":
        good = bool(_whole(PRIORITIES, text))
    elif kind == "switch":
        good = text in SWITCH
    elif kind in _NUMBERS:
        good = text.isdecimal() and len(text) <= DIGITS_AT_MOST
    return "" if good else f"{text} is not {_WORDS[kind]}"


def _whole(names: Sequence[str], text: str) -> str:
    near = [name for name in names if text and name.startswith(text.casefold())]
    return near[0] if len(near) == 1 else ""


def check(command: Command, choices: Choices) -> None:
    """Whether what the action is told exists. Raises CommandError."""
    kind = BY_NAME[command.action].argument
    if command.argument is None or kind not in _CLOSED:
        return
    known = [choice.text for choice in choices(kind, "")]
    if known and command.argument not in known:
        close = get_close_matches(command.argument, known, 1)
        hint = f"did you mean {close[0]}?" if close else f"there is {_list(known)}"
        said = f"{command.argument} is not {_WORDS[kind].partition(',')[0]}; {hint}"
        raise CommandError(said, command.start, command.end)


def complete(line: str, cursor: int, actions: Sequence[Action], choices: Choices) -> Completion:
    """What could stand where the cursor is: an action of these, or a value it takes."""
    start = len(line) - len(line.lstrip(" :"))
    name, end = _name(line, start)
    if cursor <= end:
        known = [Choice(action.name, action.help) for action in actions]
        found = ranked(line[start:cursor], known, lambda each: each, at_most=SHOWN_AT_MOST)
        return Completion(start, end, found)
    try:
        kind = _named(name, start, end, actions).argument
    except CommandError:
        return Completion(cursor, cursor, ())
    begin = end + len(line[end:]) - len(line[end:].lstrip())
    if kind == "tag":
        return _tags(line, max(begin, 0), cursor, choices)
    begin = min(begin, cursor)
    typed = line[begin:cursor].strip('"')
    if kind in ("none", "text", "query"):
        return Completion(cursor, cursor, ())
    offered = list(choices(kind, typed))
    if kind != "path":
        offered = ranked(typed, offered, lambda each: each, at_most=SHOWN_AT_MOST)
    shown = [Choice(_written(each.text), each.help) for each in offered[:SHOWN_AT_MOST]]
    return Completion(begin, len(line), shown)


def _written(value: str) -> str:
    """A value that is all of an argument: quoted only where it would be read differently."""
    return quote(value) if '"' in value or value != value.strip() else value


def _tags(line: str, begin: int, cursor: int, choices: Choices) -> Completion:
    start = cursor
    while start > begin and (not line[start - 1].isspace() or line[begin:start].count('"') % 2):
        start -= 1
    word = line[start:cursor]
    sign = word[:1] if word[:1] in ("+", "-") else "+"
    typed = word.lstrip("+-#").strip('"')
    found = ranked(typed, choices("tag", typed), lambda each: each, at_most=SHOWN_AT_MOST)
    return Completion(start, cursor, [Choice(sign + quote(each.text, between=SEPARATOR), each.help) for each in found])
