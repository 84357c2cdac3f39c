"""Every action once: its name, its keys, where it works and what it does.

`registry` holds the actions; `keymap` says which key does what, after `remap` has read the table `[keys]` of
`desk.toml`; `pending` reads keys one by one, with counts and keys that go one after the other.
"""

from __future__ import annotations

from desk.keymap.action import INBOX, LISTS, PLAIN, SCROLLED, TYPED, WRITING, Action, Context, Group, Kind
from desk.keymap.files import KeyFile, parse_keymap, read_keymap
from desk.keymap.keymap import Keymap, Next
from desk.keymap.keys import KeymapError, is_text, normal_key, normal_keys, pressed
from desk.keymap.lacking import lacking
from desk.keymap.pending import Pending, Press
from desk.keymap.registry import ACTIONS, BY_NAME

__all__ = [
    "ACTIONS",
    "BY_NAME",
    "INBOX",
    "LISTS",
    "PLAIN",
    "SCROLLED",
    "TYPED",
    "WRITING",
    "Action",
    "Context",
    "Group",
    "KeyFile",
    "Keymap",
    "KeymapError",
    "Kind",
    "Next",
    "Pending",
    "Press",
    "is_text",
    "lacking",
    "normal_key",
    "normal_keys",
    "parse_keymap",
    "pressed",
    "read_keymap",
]
