"""The actions on callbacks and calls: a line each, as in `registry`."""

from __future__ import annotations

from desk.keymap.action import INBOX, Action, define

CALLING: tuple[Action, ...] = (
    define("call", "Answer", "d", "call back who waits for a call: dial the number", INBOX, "call", typed=True),
    define("hang-up", "Answer", "-", "hang up; what became of the call is said then", INBOX, "hang up"),
    define("outcome", "Answer", "S", "say what became of the call: that ends it", INBOX, "outcome",
           argument="outcome", typed=True),
    define("callback", "Answer", ("C b",), "note that somebody is to be called: a number, and when", INBOX,
           argument="text", typed=True),
    define("move-callback", "Answer", "", "promise another time for the call", INBOX, argument="time", typed=True),
    define("cancel-callback", "Answer", "", "nobody is to call any more", INBOX),
)  # fmt: skip
"""In the order in which the footer and the sheet show them."""
OF_CALLS = frozenset(action.name for action in CALLING)
