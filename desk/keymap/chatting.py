"""The actions on chats: a line each, as in `registry`."""

from __future__ import annotations

from desk.keymap.action import INBOX, PLAIN, WRITING, Action, define

_WHERE = (*INBOX, *WRITING)

CHATTING: tuple[Action, ...] = (
    define("chat", "Read", "", "to my chat of that number, and go on writing there", _WHERE,
           argument="number", required=True),
    *(
        define(f"chat-{number}", "Read", f"alt+{number}",
               f"to my chat {number}; in a conversation {number} alone goes there, too", _WHERE, runs=f"chat {number}")
        for number in range(1, 10)
    ),
    define("visitors", "Find", ("g v",), "who is on the site now, where they were, and inviting them", PLAIN),
    define("invite", "Answer", "i", "ask the visitor whether they would like to chat", ("visitors",), "invite",
           argument="text", typed=True),
    define("visitor-chat", "Read", "c", "the visitor's chat", ("visitors",), "chat"),
    define("chat-waiting", "Read", "alt+0", "to the chat of mine whose customer has waited longest", _WHERE),
)  # fmt: skip
"""In the order in which the sheet shows them."""
