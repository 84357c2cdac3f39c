"""The actions on what queues hand out by themselves: a line each, as in `registry`."""

from __future__ import annotations

from desk.keymap.action import INBOX, WRITING, Action, define

_WHERE = (*INBOX, *WRITING)

OFFERING: tuple[Action, ...] = (
    define("take-offer", "Decide", "alt+o", "take what is offered to you; in lists space does, too", _WHERE,
           "take offer", typed=True),
    define("decline-offer", "Decide", "alt+d", "leave what is offered to you to others", _WHERE, "leave offer"),
    define("returned", "Find", ("g r",), "what went back to its queue while you were not there", INBOX, typed=True),
)  # fmt: skip
"""In the order in which the sheet shows them."""
OF_OFFERS = frozenset(action.name for action in OFFERING)
