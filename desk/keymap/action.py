"""What an action is, and the names of the places where it works."""

from __future__ import annotations

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
    "answers",
    "articles",
    "settings",
    "connections",
    "customers",
    "visitors",
    "live",
    "figures",
    "board",
    "welcome",
    "form",
    "prompt",
    "command",
    "filter",
    "finder",
    "sheet",
    "pager",
    "confirm",
]
"""`command` is the `:` line; `finder` is where typing narrows a list: the palette, the sheet of keys.

`board` is a page of what `desk.toml` says and what came of it.

`filter` is where the filter of the inbox is typed.

`pager` is for reading something long, `confirm` for saying yes or no to what is shown."""
Group = Literal["Move", "Read", "Answer", "Decide", "Find", "Look after", "Desk"]
Kind = Literal[
    "none",
    "text",
    "rep",
    "tag",
    "time",
    "priority",
    "queue",
    "view",
    "answer",
    "macro",
    "conversation",
    "path",
    "query",
    "switch",
    "number",
    "action",
    "setting",
    "theme",
    "account",
    "outcome",
]
"""What an action is told after its name. The `:` line completes and checks it by this."""

INBOX: tuple[Context, ...] = ("list", "search", "conversation", "customer")
"""Where there is a conversation to act on. `search` is the list while it shows what a search found."""
LISTS: tuple[Context, ...] = (
    "list",
    "search",
    "ledger",
    "outbox",
    "drafts",
    "settings",
    "connections",
    "answers",
    "articles",
    "customers",
    "visitors",
    "board",
)
SCROLLED: tuple[Context, ...] = (
    *LISTS,
    "live",
    "figures",
    "conversation",
    "customer",
    "sheet",
    "pager",
    "confirm",
    "welcome",
)
WRITING: tuple[Context, ...] = ("composer", "note")
TYPED: tuple[Context, ...] = (*WRITING, "form", "prompt", "command", "filter", "finder")
"""Where printable keys are text."""
PLAIN: tuple[Context, ...] = (
    *INBOX,
    "ledger",
    "outbox",
    "drafts",
    "settings",
    "connections",
    "answers",
    "articles",
    "customers",
    "visitors",
    "live",
    "figures",
    "board",
    "welcome",
)
"""Where the `:` line opens."""


class Action(Struct, frozen=True, kw_only=True):
    """One thing a person can do. A screen carries out `some-name` by its method `do_some_name`."""

    name: str
    group: Group
    keys: tuple[str, ...]
    """The default keys, the first being the one that is shown; `g o` is one key after the other."""
    help: str
    contexts: tuple[Context, ...]
    label: str = ""
    """The word in the footer; without one the action is only in the `?` sheet, the palette and the `:` line."""
    argument: Kind = "none"
    """What it may be told. Its method then takes `argument: str | None`, and asks for it if it is None."""
    required: bool = False
    """It cannot ask: without an argument the `:` line says what is missing."""
    repeatable: bool = False
    """`.` does it again."""
    countable: bool = False
    """Its method takes `count: int | None`: how many conversations to act on, or how far to go."""
    typed: bool = False
    """People type afterwards: what they type before the place for it is there must not be taken for commands."""
    aliases: tuple[str, ...] = ()
    """Other names on the `:` line."""
    runs: str = ""
    """The `:` line this is short for."""

    @property
    def method(self) -> str:
        """The name of the method that carries it out."""
        return "do_" + self.name.replace("-", "_")


def define(
    name: str,
    group: Group,
    keys: str | tuple[str, ...],
    help: str,
    contexts: tuple[Context, ...],
    label: str = "",
    *,
    argument: Kind = "none",
    required: bool = False,
    repeatable: bool = False,
    countable: bool = False,
    typed: bool = False,
    aliases: str = "",
    runs: str = "",
) -> Action:
    """An entry of the registry. `keys` is a text with spaces between the keys, or a tuple if one is a sequence."""
    return Action(
        name=name,
        group=group,
        keys=tuple(keys.split()) if isinstance(keys, str) else keys,
        help=help,
        contexts=contexts,
        label=label,
        argument=argument,
        required=required,
        repeatable=repeatable,
        countable=countable,
        typed=typed,
        aliases=tuple(aliases.split()),
        runs=runs,
    )
