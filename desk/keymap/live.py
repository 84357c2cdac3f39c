"""The actions of the live queue: a line each, as in `registry`."""

from __future__ import annotations

from desk.keymap.action import PLAIN, Action, define

LIVE: tuple[Action, ...] = (
    define("live", "Find", ("f2", "g l"), "the live queue: what waits, what was broken today, who is at work", PLAIN),
    define("column-left", "Read", "h left", "the number to the left", ("live",), countable=True),
    define("column-right", "Read", "l right", "the number to the right", ("live",), countable=True),
    define("define", "Read", "d", "what the numbers mean, that under the cursor first", ("live",), "define"),
    define("open-or-close", "Decide", "x", "open the queue, or close it: nothing of a closed one is handed out",
           ("live",), "open/close"),
    define("works-in", "Decide", "m", "have the rep work in a queue; with a minus before its name, no longer",
           ("live",), "works in", argument="text", typed=True),
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
