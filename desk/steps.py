"""The grammar of what is done to a conversation, in words: `tag +refund -old`, `snooze tomorrow 9:00`, `reply ::late`.

Macros, acts on many conversations and the `:` line all say it like this. `desk.service.steps` does what was said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import cast, get_args

from msgspec import Struct

from desk.model import Priority, State
from desk.quoting import QuoteError, quote, words
from desk.times import EXAMPLES, understood

PRIORITIES: tuple[Priority, ...] = get_args(Priority)
SEPARATOR = ","
"""What parts tags, beside blanks."""


class StepError(ValueError):
    """What was said is no step; the message says what to write instead."""


class SetState(Struct, frozen=True):
    """`resolve`, `reopen`, `spam`."""

    state: State


class Snooze(Struct, frozen=True):
    """`snooze 3d`, `snooze tomorrow 9:00`: words for a time, understood when the step is run."""

    when: str


class Tag(Struct, frozen=True):
    """`tag +refund -"late delivery"`; a word without a sign is added, and commas part words too."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Assign(Struct, frozen=True):
    """`assign ada`, `assign me`, `assign nobody`."""

    to: str


class Claim(Struct, frozen=True):
    """`claim`: make it mine unless somebody has it."""


class SetPriority(Struct, frozen=True):
    """`priority high`."""

    priority: Priority


class SetQueue(Struct, frozen=True):
    """`queue Returns`; `queue none` takes it out of any."""

    name: str | None


class Transfer(Struct, frozen=True):
    """`transfer ben Please call her`, `transfer queue:"Gift cards" Is this card still good?`: one of `rep`, `queue`."""

    rep: str = ""
    queue: str = ""
    note: str = ""


class Note(Struct, frozen=True):
    """`note TEXT`: what only reps see."""

    text: str


class Reply(Struct, frozen=True):
    """`reply ::shortcut` sends a canned answer, `reply TEXT` the text; either may hold placeholders."""

    shortcut: str = ""
    text: str = ""


class Mark(Struct, frozen=True):
    """`read`, `unread`: for the rep who says it."""

    read: bool


Step = Mark | SetState | Snooze | Tag | Assign | Claim | SetPriority | SetQueue | Transfer | Note | Reply


class Verb(Struct, frozen=True, kw_only=True):
    """A word that begins a step."""

    name: str
    usage: str
    help: str
    read: Callable[[str], Step]
    """From what stands behind the word. Raises StepError."""


class Macro(Struct, frozen=True, kw_only=True):
    """A named list of steps: `[macros.NAME]` in `desk.toml`."""

    name: str
    steps: tuple[str, ...]
    help: str = ""


def parse(text: str) -> Step:
    """The step that the words say. Raises StepError."""
    word, _, rest = text.strip().partition(" ")
    if "\n" in word:
        word, _, rest = text.strip().partition("\n")
    verb = VERBS.get(word.casefold())
    if verb is None:
        raise StepError(_no_such_verb(word))
    return verb.read(rest.strip())


def render(step: Step) -> str:
    """The words of a step; `parse` understands them as the same step."""
    match step:
        case SetState(state=state):
            return _STATE_WORDS[state]
        case Snooze(when=when):
            return f"snooze {when}"
        case Tag(add=add, remove=remove):
            return " ".join(["tag", *(f"+{_quoted(name)}" for name in add), *(f"-{_quoted(name)}" for name in remove)])
        case Assign(to=to):
            return f"assign {to}"
        case Claim():
            return "claim"
        case Mark(read=read):
            return "read" if read else "unread"
        case SetPriority(priority=priority):
            return f"priority {priority}"
        case SetQueue(name=name):
            return f"queue {name or 'none'}"
        case Transfer(rep=rep, queue=queue, note=note):
            return f"transfer {_IN_QUEUE + quote(queue) if queue else quote(rep)} {note}".strip()
        case Note(text=text):
            return f"note {text}"
        case Reply(shortcut=shortcut, text=text):
            return f"reply ::{shortcut}" if shortcut else f"reply {text}"


# --- reading ----------------------------------------------------------------------------------------------

_STATE_WORDS: Mapping[State, str] = {"resolved": "resolve", "open": "reopen", "spam": "spam"}
_SIGNS = "+-#"
"""Before a tag; none begins with them."""
_IN_QUEUE = "queue:"
_WHOM = re.compile(r'(?P<queue>queue:)?(?P<name>"(?:[^"\\]|\\.)*"|[^\s"]+)(?:\s+(?P<note>.*))?', re.DOTALL)
_SHORTCUT = re.compile(r"::(\S*)")


def _state(state: State) -> Callable[[str], Step]:
    def read(rest: str) -> Step:
        _nothing(_STATE_WORDS[state], rest)
        return SetState(state)

    return read


def _mark(read: bool) -> Callable[[str], Step]:
    def parse(rest: str) -> Step:
        _nothing("read" if read else "unread", rest)
        return Mark(read)

    return parse


def _claim(rest: str) -> Step:
    _nothing("claim", rest)
    return Claim()


def _nothing(word: str, rest: str) -> None:
    if rest:
        raise StepError(f"{word} stands alone: delete {rest!r}, or make it a step of its own")


def _snooze(rest: str) -> Step:
    if not understood(rest):
        raise StepError(f"snooze until when? {rest!r} is no time; write {EXAMPLES}" if rest else _wanted("snooze"))
    return Snooze(" ".join(rest.split()))


def tags(text: str) -> Tag:
    """What `+refund -"late delivery"` says. Raises StepError."""
    try:
        named = [word.text for word in words(text, between=SEPARATOR)]
    except QuoteError as error:
        raise StepError(str(error)) from error
    bare = next((name for name in named if not name.lstrip(_SIGNS).strip()), None)
    if bare is not None or not named:
        raise StepError(f"{bare} has no tag after it; {_wanted('tag')}" if bare else _wanted("tag"))
    return Tag(
        add=tuple(name.lstrip(_SIGNS) for name in named if not name.startswith("-")),
        remove=tuple(name.lstrip(_SIGNS) for name in named if name.startswith("-")),
    )


def _quoted(tag: str) -> str:
    return quote(tag, between=SEPARATOR)


def _assign(rest: str) -> Step:
    if not rest:
        raise StepError(_wanted("assign"))
    return Assign(rest.removeprefix("@") or rest)


def _priority(rest: str) -> Step:
    if rest.casefold() not in PRIORITIES:
        raise StepError(f"{_wanted('priority')}, not {rest!r}" if rest else _wanted("priority"))
    return SetPriority(cast("Priority", rest.casefold()))


def _queue(rest: str) -> Step:
    if not rest:
        raise StepError(_wanted("queue"))
    return SetQueue(None if rest.casefold() == "none" else " ".join(rest.split()))


def _transfer(rest: str) -> Step:
    match = _WHOM.fullmatch(rest)
    name = " ".join(words(match["name"])[0].text.split()) if match else ""
    if match is None or not name:
        raise StepError(_wanted("transfer"))
    note = match["note"] or ""
    return Transfer(queue=name, note=note) if match["queue"] else Transfer(rep=name.removeprefix("@"), note=note)


def _note(rest: str) -> Step:
    if not rest:
        raise StepError(_wanted("note"))
    return Note(rest)


def _reply(rest: str) -> Step:
    match = _SHORTCUT.fullmatch(rest)
    if not rest or (match and not match[1]):
        raise StepError(_wanted("reply"))
    if not match and rest.startswith("::"):
        raise StepError(f"a shortcut is one word: write reply {rest.split()[0]}, or a text that does not begin with ::")
    return Reply(shortcut=match[1]) if match else Reply(text=rest)


VERBS: Mapping[str, Verb] = {
    name: Verb(name=name, usage=usage, help=help, read=read)
    for name, usage, help, read in (
        ("resolve", "resolve", "mark as done", _state("resolved")),
        ("reopen", "reopen", "put back among the open ones", _state("open")),
        ("snooze", "snooze 3d, snooze tomorrow 9:00", "hide until a time", _snooze),
        ("tag", 'tag +refund -"gift card"', "put tags on and take tags off", tags),
        ("assign", "assign me, assign nobody, assign LOGIN", "give to a rep", _assign),
        ("claim", "claim", "make mine unless somebody has it", _claim),
        ("priority", f"priority {'|'.join(PRIORITIES)}", "say how urgent it is", _priority),
        ("queue", "queue NAME, queue none", "put into a queue", _queue),
        ("transfer", "transfer LOGIN NOTE, transfer queue:NAME NOTE", "hand over, with a note why", _transfer),
        ("spam", "spam", "mark as spam", _state("spam")),
        ("read", "read", "mark as read", _mark(True)),
        ("unread", "unread", "mark as unread", _mark(False)),
        ("note", "note TEXT", "write what only reps see", _note),
        ("reply", "reply ::SHORTCUT, reply TEXT", "answer the customer", _reply),
    )
}
"""Every word that can begin a step, in the order in which people are told of them."""


def _wanted(word: str) -> str:
    return f"write {VERBS[word].usage}"


def _no_such_verb(word: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word.casefold(), VERBS, n=1)
    hint = f"did you mean {close[0]}?" if close else f"write one of {', '.join(VERBS)}"
    return f"there is no step {word!r}; {hint}" if word else f"an empty step does nothing; {hint}"
