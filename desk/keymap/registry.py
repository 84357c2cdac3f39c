"""Every action once. The screens, the footer, the `?` sheet, the palette, the `:` line and `desk keys` all read this.

A new action is one line here and one method `do_…` on a screen or on one of its helpers.
"""

from __future__ import annotations

from collections.abc import Mapping

from desk.keymap.action import INBOX, LISTS, PLAIN, SCROLLED, WRITING, Action, define

MOVE = (
    define("down", "Move", "j down", "down", SCROLLED, countable=True),
    define("up", "Move", "k up", "up", SCROLLED, countable=True),
    define("top", "Move", ("g g", "home"), "to the top, or with a count to that row", SCROLLED, countable=True),
    define("bottom", "Move", "G end", "to the end, or with a count to that row", SCROLLED, countable=True),
    define("page-down", "Move", "pagedown space ctrl+f", "a page down", SCROLLED, countable=True),
    define("page-up", "Move", "pageup b ctrl+b", "a page up", SCROLLED, countable=True),
    define("half-down", "Move", "ctrl+d", "half a page down", SCROLLED, countable=True),
    define("half-up", "Move", "ctrl+u", "half a page up", SCROLLED, countable=True),
    define(
        "go-to",
        "Move",
        "",
        "to a row by its number; the number alone does too",
        PLAIN,
        argument="number",
        required=True,
    ),
)
READ = (
    define("open", "Read", "enter o", "open what the cursor is on", (*LISTS, "customer", "welcome"), "open"),
    define("back", "Read", "escape h left", "back", (*INBOX, "ledger", "outbox", "drafts", "sheet"), "back"),
    define(
        "next-conversation", "Read", "n J", "next conversation, or next hit of a search", INBOX, "next", countable=True
    ),
    define("previous-conversation", "Read", "N K", "previous conversation, or previous hit", INBOX, countable=True),
    define(
        "next-message", "Read", "]", "next message in the conversation", ("conversation",), "message", countable=True
    ),
    define("previous-message", "Read", "[", "previous message in the conversation", ("conversation",), countable=True),
    define("fold", "Read", "enter o", "show or fold quotes, signatures and long texts", ("conversation",), "unfold"),
    define("why", "Read", "w", "why is this message here? the rule, and the ledger", ("conversation",), "why"),
    define("save-attachment", "Read", "s", "save an attachment to a file", ("conversation",), typed=True),
    define("pane", "Read", "l right", "the pane to the right", INBOX),
    define("show", "Read", "", "read a conversation by its number", PLAIN, argument="conversation", required=True),
)
ANSWER = (
    define("reply", "Answer", "r", "write an answer", INBOX, "reply", typed=True),
    define("note", "Answer", "i", "write a note that only reps see", INBOX, "note", argument="text", typed=True),
    define("undo-send", "Answer", "u", "take back what is about to be sent", INBOX, "undo send", typed=True),
    define("send", "Answer", "ctrl+j", "send, or keep the note", WRITING, "send"),
    define("send-resolve", "Answer", "ctrl+r", "send, and resolve", ("composer",), "send+resolve"),
    define("quote", "Answer", "ctrl+o", "quote their message below the answer, or not", ("composer",), "quote"),
    define("attach", "Answer", "ctrl+t", "attach a file", ("composer",), "attach", argument="path", typed=True),
    define("recipients", "Answer", "ctrl+g", "edit To, Cc and subject", ("composer",), "to/cc", typed=True),
    define("leave", "Answer", "escape", "put the draft away; it is kept", WRITING, "keep draft"),
)
DECIDE = (
    define("claim", "Decide", "c", "make it mine", INBOX, "claim", repeatable=True, countable=True),
    define("assign", "Decide", "a", "give it to a rep, or to nobody", INBOX,
           argument="rep", repeatable=True, countable=True, typed=True),
    define("resolve", "Decide", "e", "resolve, or reopen what is resolved", INBOX, "resolve",
           argument="switch", repeatable=True, countable=True),
    define("reopen", "Decide", "", "put it back among the open ones", INBOX, runs="resolve off"),
    define("snooze", "Decide", "z", "hide until a time", INBOX, "snooze",
           argument="time", repeatable=True, countable=True, typed=True),
    define("tag", "Decide", "t", "add or take off tags", INBOX, "tag",
           argument="tag", repeatable=True, countable=True, typed=True),
    define("priority", "Decide", "p", "low, normal, high, urgent", INBOX,
           argument="priority", repeatable=True, countable=True, typed=True),
    define("spam", "Decide", "!", "mark as spam, or take the mark off", INBOX,
           argument="switch", repeatable=True, countable=True),
    define("split", "Decide", "X", "take this message out into a conversation of its own", ("conversation",)),
    define("repeat", "Decide", ".", "do the last of these again, here", INBOX, countable=True),
)  # fmt: skip
FIND = (
    define("search", "Find", "/", "search in everything", INBOX, "search", argument="query", typed=True),
    define("view", "Find", "", "show a view", INBOX, argument="view", required=True),
    define("next-view", "Find", "tab", "next view", ("list", "search"), "view"),
    define("previous-view", "Find", "shift+tab", "previous view", ("list", "search")),
    define("view-open", "Find", ("g o",), "view: open", INBOX, runs="view open"),
    define("view-mine", "Find", ("g m",), "view: mine", INBOX, runs="view mine"),
    define("view-unassigned", "Find", ("g u",), "view: unassigned", INBOX, runs="view unassigned"),
    define("view-waiting", "Find", ("g w",), "view: waiting for the customer", INBOX, runs="view waiting"),
    define("view-snoozed", "Find", ("g z",), "view: snoozed", INBOX, runs="view snoozed"),
    define("view-resolved", "Find", ("g e",), "view: resolved", INBOX, runs="view resolved"),
    define("view-spam", "Find", ("g !",), "view: spam", INBOX, runs="view spam"),
    define("view-all", "Find", ("g a",), "view: all", INBOX, runs="view all"),
)
LOOK_AFTER = (
    define("customer-notes", "Look after", "C", "write down what to remember about this customer", INBOX, typed=True),
    define("ledger", "Look after", "L", "the ledger: what came in, where it went and why", PLAIN),
    define(
        "quarantined", "Look after", "x", "only what is quarantined, or everything", ("ledger",), "quarantined only"
    ),
    define("replay", "Look after", "R", "try a quarantined message again", ("ledger",), "replay"),
    define("outbox", "Look after", "O", "the outbox: held, failed and uncertain messages", PLAIN),
    define("retry", "Look after", "R", "try to send again", ("outbox",), "try again"),
    define("drafts", "Look after", "D", "drafts", PLAIN),
    define("discard-draft", "Look after", "d", "throw a draft away", ("drafts",), "throw away"),
)
DESK = (
    define("sample", "Desk", "S", "load the sample shop", ("welcome",)),
    define("import", "Desk", "I", "import an archive of mail", PLAIN, argument="path", typed=True),
    define("connect", "Desk", "M", "connect a mailbox", PLAIN),
    define("refresh", "Desk", "ctrl+r ctrl+l", "ask the server again", PLAIN),
    define("next-field", "Desk", "tab down", "next field", ("form",), "next field"),
    define("previous-field", "Desk", "shift+tab up", "previous field", ("form",)),
    define("submit", "Desk", "ctrl+j", "try it and, if all works, connect", ("form",), "connect"),
    define("cancel", "Desk", "escape", "close and do nothing", ("form", "prompt", "command", "finder"), "cancel"),
    define("complete", "Desk", "tab", "what could stand here: the next one", ("command",), "complete"),
    define("complete-back", "Desk", "shift+tab", "what could stand here: the one before", ("command",)),
    define("earlier-line", "Desk", "up ctrl+p", "the line typed before", ("command",), "earlier"),
    define("later-line", "Desk", "down ctrl+n", "the line typed after", ("command",)),
    define("find-line", "Desk", "ctrl+r", "find a line typed before by some of its letters", ("command",), "find"),
    define("next-choice", "Desk", "down ctrl+n tab", "the next one found", ("finder",)),
    define("previous-choice", "Desk", "up ctrl+p shift+tab", "the one found before", ("finder",)),
    define("next-choices", "Desk", "pagedown", "a page of them down", ("finder",)),
    define("previous-choices", "Desk", "pageup", "a page of them up", ("finder",)),
    define("set", "Desk", "", "set something for this terminal, such as theme light", PLAIN,
           argument="setting", required=True),
    define("reload-keys", "Desk", "", "read the keys in desk.toml again", PLAIN),
    define("help", "Desk", "? f1", "all keys", PLAIN, "keys", argument="action", typed=True, aliases="h keys"),
    define("palette", "Desk", "ctrl+p", "find an action by its words", (*PLAIN, *WRITING), typed=True),
    define("command", "Desk", ":", "the command line: an action by its name, and with what", PLAIN, typed=True),
    define("quit", "Desk", "q", "leave Desk; the server goes on", (*PLAIN, "sheet"), "quit", aliases="q exit"),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (*MOVE, *READ, *ANSWER, *DECIDE, *FIND, *LOOK_AFTER, *DESK)
"""In the order in which the footer and the sheet show them."""

BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}
