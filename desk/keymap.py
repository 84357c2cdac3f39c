"""Every action once: its name, its keys, where it works and what it does.

The screens, the footer, the `?` sheet and the palette all read this. Keys are written as people write them:
`j`, `G`, `?`, `space`, `ctrl+j`, `pagedown`. A workspace may remap them in the table `[keys]` of `desk.toml`,
`reply = "R"` or `reply = ["r", "R"]`; what cannot work is refused here, because the toolkit would accept it silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

Context = Literal[
    "list",
    "conversation",
    "customer",
    "composer",
    "note",
    "search",
    "ledger",
    "outbox",
    "drafts",
    "welcome",
    "form",
    "prompt",
    "sheet",
]
Group = Literal["Move", "Read", "Answer", "Decide", "Find", "Look after", "Desk"]

INBOX: tuple[Context, ...] = ("list", "search", "conversation", "customer")
"""Where there is a conversation to act on. `search` is the list while it shows what a search found."""
LISTS: tuple[Context, ...] = ("list", "search", "ledger", "outbox", "drafts")
SCROLLED: tuple[Context, ...] = (*LISTS, "conversation", "customer", "sheet", "welcome")
WRITING: tuple[Context, ...] = ("composer", "note")
TYPED: tuple[Context, ...] = (*WRITING, "form", "prompt")
"""Where printable keys are text."""
PLAIN: tuple[Context, ...] = (*INBOX, "ledger", "outbox", "drafts", "welcome")


class KeymapError(ValueError):
    """A remapping that cannot work; the message says which, why and what to do."""


class Action(Struct, frozen=True, kw_only=True):
    """One thing a person can do."""

    name: str
    group: Group
    keys: tuple[str, ...]
    help: str
    contexts: tuple[Context, ...]
    label: str = ""
    """The word in the footer; without one the action is only in the `?` sheet and the palette."""


def _action(name: str, group: Group, keys: str, help: str, contexts: tuple[Context, ...], label: str = "") -> Action:
    return Action(name=name, group=group, keys=tuple(keys.split()), help=help, contexts=contexts, label=label)


ACTIONS: tuple[Action, ...] = (
    _action("down", "Move", "j down", "down", SCROLLED),
    _action("up", "Move", "k up", "up", SCROLLED),
    _action("top", "Move", "g home", "to the top", SCROLLED),
    _action("bottom", "Move", "G end", "to the end", SCROLLED),
    _action("page-down", "Move", "pagedown space", "a page down", SCROLLED),
    _action("page-up", "Move", "pageup b", "a page up", SCROLLED),
    _action("half-down", "Move", "ctrl+d", "half a page down", SCROLLED),
    _action("half-up", "Move", "ctrl+u", "half a page up", SCROLLED),
    _action("open", "Read", "enter o", "open what the cursor is on", (*LISTS, "customer", "welcome"), "open"),
    _action("back", "Read", "escape h left", "back", (*INBOX, "ledger", "outbox", "drafts", "sheet"), "back"),
    _action("next-conversation", "Read", "n J", "next conversation", INBOX, "next"),
    _action("previous-conversation", "Read", "N K", "previous conversation", INBOX),
    _action("next-message", "Read", "]", "next message in the conversation", ("conversation",), "message"),
    _action("previous-message", "Read", "[", "previous message in the conversation", ("conversation",)),
    _action("fold", "Read", "f", "show or fold quotes, signatures and long texts", ("conversation",), "fold"),
    _action("why", "Read", "w", "why is this message here? the rule, and the ledger", ("conversation",), "why"),
    _action("save-attachment", "Read", "s", "save an attachment to a file", ("conversation",)),
    _action("pane", "Read", "l right", "the pane to the right", INBOX),
    _action("reply", "Answer", "r", "write an answer", INBOX, "reply"),
    _action("note", "Answer", "i", "write a note that only reps see", INBOX, "note"),
    _action("undo-send", "Answer", "u", "take back what is about to be sent", INBOX, "undo send"),
    _action("claim", "Decide", "c", "make it mine", INBOX, "claim"),
    _action("assign", "Decide", "a", "give it to a rep, or to nobody", INBOX),
    _action("resolve", "Decide", "e", "resolve, or reopen what is resolved", INBOX, "resolve"),
    _action("snooze", "Decide", "z", "hide until a time", INBOX, "snooze"),
    _action("tag", "Decide", "t", "add or take off tags", INBOX, "tag"),
    _action("priority", "Decide", "p", "low, normal, high, urgent", INBOX),
    _action("spam", "Decide", "!", "mark as spam, or take the mark off", INBOX),
    _action("split", "Decide", "x", "take this message out into a conversation of its own", ("conversation",)),
    _action("search", "Find", "/", "search in everything", INBOX, "search"),
    _action("next-view", "Find", "tab", "next view", ("list",), "view"),
    _action("previous-view", "Find", "shift+tab", "previous view", ("list",)),
    _action("view-open", "Find", "1", "view: open", ("list",)),
    _action("view-mine", "Find", "2", "view: mine", ("list",)),
    _action("view-unassigned", "Find", "3", "view: unassigned", ("list",)),
    _action("view-waiting", "Find", "4", "view: waiting for the customer", ("list",)),
    _action("view-snoozed", "Find", "5", "view: snoozed", ("list",)),
    _action("view-resolved", "Find", "6", "view: resolved", ("list",)),
    _action("view-spam", "Find", "7", "view: spam", ("list",)),
    _action("view-all", "Find", "8", "view: all", ("list",)),
    _action("customer-notes", "Look after", "C", "write down what to remember about this customer", INBOX),
    _action("ledger", "Look after", "L", "the ledger: what came in, where it went and why", PLAIN),
    _action(
        "quarantined", "Look after", "x", "only what is quarantined, or everything", ("ledger",), "quarantined only"
    ),
    _action("replay", "Look after", "R", "try a quarantined message again", ("ledger",), "replay"),
    _action("outbox", "Look after", "O", "the outbox: held, failed and uncertain messages", PLAIN),
    _action("retry", "Look after", "R", "try to send again", ("outbox",), "try again"),
    _action("drafts", "Look after", "D", "drafts", PLAIN),
    _action("discard-draft", "Look after", "d", "throw a draft away", ("drafts",), "throw away"),
    _action("sample", "Desk", "S", "load the sample shop", ("welcome",)),
    _action("import", "Desk", "I", "import an archive of mail", PLAIN),
    _action("connect", "Desk", "M", "connect a mailbox", PLAIN),
    _action("refresh", "Desk", "ctrl+r", "ask the server again", PLAIN),
    _action("send", "Answer", "ctrl+j", "send, or keep the note", WRITING, "send"),
    _action("send-resolve", "Answer", "ctrl+r", "send, and resolve", ("composer",), "send+resolve"),
    _action("quote", "Answer", "ctrl+o", "quote their message below the answer, or not", ("composer",), "quote"),
    _action("attach", "Answer", "ctrl+t", "attach a file", ("composer",), "attach"),
    _action("recipients", "Answer", "ctrl+g", "edit To, Cc and subject", ("composer",), "to/cc"),
    _action("leave", "Answer", "escape", "put the draft away; it is kept", WRITING, "keep draft"),
    _action("next-field", "Desk", "tab down", "next field", ("form",), "next field"),
    _action("previous-field", "Desk", "shift+tab up", "previous field", ("form",)),
    _action("submit", "Desk", "ctrl+j", "try it and, if all works, connect", ("form",), "connect"),
    _action("cancel", "Desk", "escape", "close without doing anything", ("form", "prompt"), "cancel"),
    _action("help", "Desk", "? f1", "all keys", PLAIN, "keys"),
    _action("palette", "Desk", "ctrl+p :", "find an action by its words", PLAIN),
    _action("quit", "Desk", "q", "leave Desk; the server goes on receiving", (*PLAIN, "sheet"), "quit"),
)

BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}

_NAMED = frozenset(
    [
        "enter",
        "escape",
        "tab",
        "space",
        "backspace",
        "delete",
        "insert",
        "home",
        "end",
        "pageup",
        "pagedown",
        "up",
        "down",
        "left",
        "right",
    ]
    + [f"f{number}" for number in range(1, 25)]
)
_MODIFIERS = ("ctrl", "alt", "shift")
_NOT_IN_TERMINALS = {
    "ctrl+i": "terminals send it as tab",
    "ctrl+m": "terminals send it as enter",
    "ctrl+h": "terminals send it as backspace",
    "ctrl+enter": "most terminals send it as enter",
    "shift+enter": "most terminals send it as enter",
    "alt+enter": "most terminals send it as enter",
    "ctrl+space": "many terminals do not send it",
    "ctrl+q": "it always leaves Desk",
    "ctrl+c": "it always copies what is selected",
}
_SPELLINGS = {"esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup", "pgdn": "pagedown", " ": "space"}
_CONTROL = re.compile(r"[a-z0-9\\\]^_@]")


def normal_key(written: str) -> str:
    """A key as this module compares it. Raises KeymapError for what is no key, or none that a terminal sends."""
    if len(written) == 1 and written.isprintable() and written != " ":
        return written
    text = written.strip().lower().replace("-", "+") if len(written) > 1 else written
    *modifiers, name = text.split("+") if text not in _SPELLINGS else [text]
    name = _SPELLINGS.get(name, name)
    if any(modifier not in _MODIFIERS for modifier in modifiers) or len(set(modifiers)) != len(modifiers):
        raise KeymapError(f"{written!r} is no key")
    key = "+".join((*sorted(modifiers), name))
    if key in _NOT_IN_TERMINALS:
        raise KeymapError(f"{written!r} cannot be used: {_NOT_IN_TERMINALS[key]}")
    if name in _NAMED:
        return key
    if modifiers == ["ctrl"] and _CONTROL.fullmatch(name):
        return key
    if modifiers == ["alt"] and len(name) == 1 and name.isprintable():
        return key

    raise KeymapError(
        f"{written!r} is no key that a terminal sends; use a character, a name such as enter or f2, or ctrl+letter"
    )


def pressed(key: str, character: str | None) -> str:
    """A key press as the toolkit reports it, in this module's words."""
    if character == " ":
        return "space"
    if character and character.isprintable() and "+" not in key.replace("plus", ""):
        return character
    return key


class Keymap:
    """The actions with the keys a workspace gave them."""

    def __init__(self, remap: Mapping[str, str | Sequence[str]] | None = None) -> None:
        keys = {action.name: action.keys for action in ACTIONS}
        for name, written in (remap or {}).items():
            keys[name] = _remapped(name, written)
        self._keys = keys
        self._find = self._table()

    def keys(self, action: str) -> tuple[str, ...]:
        """The keys of an action, the first being the one that is shown."""
        return self._keys[action]

    def find(self, context: Context, key: str) -> str | None:
        """The action a key stands for in a context."""
        return self._find.get((context, key))

    def here(self, context: Context) -> Iterable[Action]:
        """The actions of a context, in the order of the registry."""
        return (action for action in ACTIONS if context in action.contexts)

    def _table(self) -> dict[tuple[Context, str], str]:
        table: dict[tuple[Context, str], str] = {}
        for action in ACTIONS:
            for context in action.contexts:
                for key in self._keys[action.name]:
                    other = table.setdefault((context, key), action.name)
                    if other != action.name:
                        raise KeymapError(
                            f"keys: {key!r} would be both {other!r} and {action.name!r} in the {context};"
                            f" give one of them another key"
                        )
        return table


def _remapped(name: str, written: str | Sequence[str]) -> tuple[str, ...]:
    action = BY_NAME.get(name)
    if action is None:
        raise KeymapError(f"keys.{name}: there is no such action; `?` in Desk lists them all{_nearest(name)}")
    given = [written] if isinstance(written, str) else written
    if not isinstance(given, list | tuple) or not given or not all(isinstance(key, str) for key in given):
        raise KeymapError(f"keys.{name}: give a key, or a list of keys")
    try:
        keys = tuple(normal_key(key) for key in given)
    except KeymapError as error:
        raise KeymapError(f"keys.{name}: {error}") from None
    for key in keys:
        if len(key) == 1 and any(context in TYPED for context in action.contexts):
            raise KeymapError(f"keys.{name}: {key!r} is text where {name} works; use ctrl+letter or a function key")
    return keys


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, BY_NAME, 1)
    return f" (did you mean {near[0]}?)" if near else ""


def read_keymap(settings: Path) -> Keymap:
    """The keymap of a workspace's `desk.toml`. Raises KeymapError, naming the file."""
    try:
        text = settings.read_text("utf-8")
    except OSError:
        return Keymap()
    if "keys" not in text:
        return Keymap()
    import tomllib

    try:
        table = tomllib.loads(text).get("keys", {})
        if not isinstance(table, dict):
            raise KeymapError("keys: has to be a table, [keys]")
        return Keymap(table)
    except (tomllib.TOMLDecodeError, KeymapError) as error:
        raise KeymapError(f"{settings}: {error}") from None
