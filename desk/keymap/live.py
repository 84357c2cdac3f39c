"""The actions of the live queue: a line each, as in `registry`."""

from __future__ import annotations

from desk.keymap.action import INBOX, PLAIN, Action, Context, define

_OVERSEEN: tuple[Context, ...] = (*INBOX, "live")

LIVE: tuple[Action, ...] = (
    define("live", "Find", ("f2", "g l"), "the live queue: what waits, what was broken today, who is at work", PLAIN),
    define("column-left", "Read", "h left", "the number to the left", ("live",), countable=True),
    define("column-right", "Read", "l right", "the number to the right", ("live",), countable=True),
    define("define", "Read", "d", "what the numbers mean, that under the cursor first", ("live",), "define"),
    define("open-or-close", "Decide", "x", "open the queue, or close it: nothing of a closed one is handed out",
           ("live",), "open/close"),
    define("works-in", "Decide", "m", "have the rep work in a queue; with a minus before its name, no longer",
           ("live",), "works in", argument="text", typed=True),
    define("give-it", "Decide", "a", "give what the rep is on, or the most pressing behind the number, to a rep",
           ("live",), "give", argument="rep", typed=True),
    define("raise-it", "Decide", "+", "the priority of what the rep is on, or of the most pressing behind the number",
           ("live",), "priority", argument="priority", typed=True),
    define("listen", "Read", "alt+l", "listen in: read it as it goes on; its rep sees that you do", _OVERSEEN, "listen",
           typed=True),
    define("whisper", "Answer", "alt+w", "whisper to the rep whose it is: they are told at once, the customer never",
           _OVERSEEN, "whisper", argument="text", typed=True),
    define("take-over", "Decide", "alt+k", "take it over, whoever has it; they are told", _OVERSEEN, "take over"),
    define("undo-act", "Decide", "u", "take back what I did last", ("live",), "undo"),
    define("plots", "Read", "p", "plots: today beside what is usual, and the week as a map", ("live",), "plots"),
    define("staffing", "Read", "s", "how many people the next hours take, and who is to be there", ("live",), "people"),
    define("report", "Read", "r", "figures of any time: today, last-week by rep, 2026-11-01..2026-11-15 by queue",
           ("live", "figures"), "report", argument="text", typed=True),
    define("save-report", "Read", "w", "the report as a file: .csv, .json or .txt", ("figures",), "save",
           argument="path", typed=True),
    define("queue-after", "Read", "l right", "the figures of the next queue", ("figures",), "queue"),
    define("queue-before", "Read", "h left", "the figures of the queue before", ("figures",)),
    define("leave-live", "Read", "escape", "back to the inbox, or from figures to where they were asked for",
           ("live", "figures"), "back"),
)  # fmt: skip
"""In the order in which the sheet shows them."""
OF_SUPERVISORS = frozenset(("listen", "whisper", "take-over"))
