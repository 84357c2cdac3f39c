"""Every action once. The screens, the footer, the `?` sheet, the palette, the `:` line and `desk keys` all read this.

A new action is one line here and one method `do_…` on a screen or on one of its helpers.
"""

from __future__ import annotations

from collections.abc import Mapping

from desk.keymap.action import INBOX, LISTS, PLAIN, SCROLLED, WRITING, Action, Context, define
from desk.keymap.calling import CALLING
from desk.keymap.caring import CARING
from desk.keymap.chatting import CHATTING
from desk.keymap.customers import BESIDE, CUSTOMERS
from desk.keymap.live import LIVE
from desk.keymap.offering import OFFERING

IN_LIST: tuple[Context, ...] = ("list", "search")
NO_WORK: tuple[Context, ...] = tuple(context for context in SCROLLED if context not in INBOX)
CLOSED: tuple[Context, ...] = ("form", "prompt", "command", "filter", "finder")
COMPLETED: tuple[Context, ...] = ("command", "filter", "prompt")

MOVE = (
    define("down", "Move", "j down", "down", SCROLLED, countable=True),
    define("up", "Move", "k up", "up", SCROLLED, countable=True),
    define("top", "Move", ("g g", "home"), "to the top, or with a count to that row", SCROLLED, countable=True),
    define("bottom", "Move", "G end", "to the end, or with a count to that row", SCROLLED, countable=True),
    define("page-down", "Move", "pagedown ctrl+f", "a page down", SCROLLED, countable=True),
    define("page-on", "Move", "space", "a page down, where no work can be taken", NO_WORK, runs="page-down"),
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
)  # fmt: skip
READ = (
    define("open", "Read", "enter o", "open what the cursor is on", (*LISTS, "live", "customer", "welcome"), "open"),
    define("back", "Read", "escape h left", "back", (*LISTS, "conversation", "customer", "sheet", "pager"), "back"),
    define(
        "next-conversation", "Read", "n J", "next conversation, or next hit of a search", INBOX, "next", countable=True
    ),
    define("previous-conversation", "Read", "N K", "previous conversation, or previous hit", INBOX, countable=True),
    define(
        "next-message", "Read", "]", "next message in the conversation", ("conversation",), "message", countable=True
    ),
    define("previous-message", "Read", "[", "previous message in the conversation", ("conversation",), countable=True),
    define("fold", "Read", "enter o", "show or fold quotes, signatures and long texts", ("conversation",), "unfold"),
    define("fold-all", "Read", "Z", "show all that is folded in the conversation, or fold it", ("conversation",)),
    define("why", "Read", "w", "why is this message here? the rule, and the ways out", ("conversation",), "why",
           typed=True),
    define("promises", "Read", "B", "by when: all that was promised here, and what became of it", ("conversation",),
           typed=True),
    define("open-link", "Read", ("g x",), "open a link by its number, after showing where it leads", ("conversation",),
           argument="number", countable=True, typed=True),
    define("save-attachment", "Read", "s", "save an attachment to a file", ("conversation",), "save",
           argument="number", countable=True, typed=True),
    define("open-attachment", "Read", "v", "open a copy of an attachment, after asking", ("conversation",),
           argument="number", countable=True, typed=True),
    define("headers", "Read", "H", "all header fields of the message", ("conversation",), typed=True),
    define("source", "Read", "V", "the message as it came or went", ("conversation",), typed=True),
    define("save-source", "Read", "s", "save the message as it came or went", ("pager",), "save", typed=True),
    define("find-text", "Read", "/", "find words in what is shown; in a conversation n and N lead on, esc ends it",
           ("conversation", "pager"), "find", argument="text", typed=True),
    define("find-next", "Read", "n", "where it stands next", ("pager",), "next"),
    define("find-previous", "Read", "N", "where it stood before", ("pager",)),
    define("mark-unread", "Read", "_", "mark it unread, to come back to it", INBOX, countable=True),
    define("next-unread", "Read", ("g n",), "the first message that is new since you looked", ("conversation",)),
    define("pane", "Read", "l right", "the pane to the right", BESIDE),
    define("show", "Read", "", "read a conversation by its number", PLAIN, argument="conversation", required=True),
)  # fmt: skip
ANSWER = (
    define("reply", "Answer", "r", "write an answer", INBOX, "reply", typed=True),
    define("note", "Answer", "i", "write a note that only reps see", INBOX, "note", argument="text", typed=True),
    define("undo-send", "Answer", "", "take back what is about to be sent", INBOX, typed=True),
    define("reply-all", "Answer", "R", "write an answer to all who got the message", INBOX, typed=True),
    define("forward", "Answer", "f", "pass the message on to somebody else", INBOX, typed=True),
    define("compose", "Answer", "W", "begin a conversation by writing first", PLAIN, argument="text", typed=True),
    define("send", "Answer", "ctrl+j", "send, or keep the note", WRITING, "send"),
    define("send-resolve", "Answer", "ctrl+r", "send, and resolve", ("composer",), "send+resolve"),
    define("send-next", "Answer", "ctrl+n", "send, and go on to the next conversation", WRITING, "send+next"),
    define("send-later", "Answer", "ctrl+l", "send at a time, unless the customer writes before", ("composer",),
           "later", argument="time", typed=True),
    define("send-snooze", "Answer", "alt+z", "send, and hide the conversation until a time", ("composer",),
           argument="time", typed=True),
    define("send-now", "Answer", "alt+j", "send at once: it cannot be taken back", ("composer",)),
    define("next-part", "Answer", "tab", "next line or the text; in the text the next open placeholder", WRITING),
    define("previous-part", "Answer", "shift+tab", "the line before", WRITING),
    define("recipients", "Answer", "ctrl+g", "edit To, Cc, Bcc and subject", ("composer",), "to/cc"),
    define("insert-answer", "Answer", "alt+a f3", "put in a canned answer, as typing :: does", ("composer",),
           "answers", argument="answer"),
    define("insert-article", "Answer", "alt+h", "put in a help article: its title and where it is read", ("composer",),
           argument="text", typed=True),
    define("insert-article-text", "Answer", "alt+g", "put in all that a help article says", ("composer",),
           argument="text", typed=True),
    define("next-gap", "Answer", "alt+n", "the next placeholder that nothing fills", ("composer",)),
    define("attach", "Answer", "ctrl+t", "attach a file", ("composer",), "attach", argument="path"),
    define("detach", "Answer", "alt+t", "take off the last attachment, or one by its number", ("composer",),
           argument="number"),
    define("quote", "Answer", "ctrl+o", "quote their message below the answer, or not", ("composer",), "quote"),
    define("editor", "Answer", "alt+e f4", "write in your own editor ($EDITOR), with the headers", WRITING),
    define("discard", "Answer", "alt+q", "throw away what is being written", WRITING),
    define("command-here", "Answer", "ctrl+x", "the command line while writing", WRITING, "command", typed=True),
    define("leave", "Answer", "escape", "put the draft away; it is kept", WRITING, "keep draft"),
)  # fmt: skip
DECIDE = (
    define("take-next", "Decide", "space", "take what is next: the most urgent you may and can do", INBOX, "take next",
           typed=True),
    define("claim", "Decide", "c", "make it mine", INBOX, "claim", repeatable=True, countable=True),
    define("assign", "Decide", "a", "give it to a rep, or to nobody", INBOX,
           argument="rep", repeatable=True, countable=True, typed=True),
    define("transfer", "Decide", "T", "hand it over to a rep, who is told, or to a queue, with a note why", INBOX,
           argument="text", countable=True, typed=True),
    define("resolve", "Decide", "e", "resolve, or reopen what is resolved", INBOX, "resolve",
           argument="switch", repeatable=True, countable=True),
    define("reopen", "Decide", "", "put it back among the open ones", INBOX, runs="resolve off"),
    define("snooze", "Decide", "z", "hide until a time", INBOX, "snooze",
           argument="time", repeatable=True, countable=True, typed=True),
    define("tag", "Decide", "t", "add or take off tags", INBOX, "tag",
           argument="tag", repeatable=True, countable=True, typed=True),
    define("priority", "Decide", "p", "low, normal, high, urgent", INBOX,
           argument="priority", repeatable=True, countable=True, typed=True),
    define("queue", "Decide", "Q", "put it into a queue, or into none", INBOX,
           argument="queue", repeatable=True, countable=True, typed=True),
    define("spam", "Decide", "!", "mark as spam, or take the mark off", INBOX,
           argument="switch", repeatable=True, countable=True),
    define("merge", "Decide", "m", "merge the conversation into another one", INBOX,
           argument="conversation", countable=True, typed=True),
    define("merge-customer", "Decide", "&", "make one of this customer and another", BESIDE,
           argument="number", typed=True),
    define("split", "Decide", "X", "take this message out into a conversation of its own", ("conversation", "pager"),
           "split"),
    define("move", "Decide", ">", "move this message into another conversation", ("conversation", "pager"), "move",
           argument="conversation", typed=True),
    define("undo", "Decide", "u", "take back what I did last; again, what came before", BESIDE, "undo", typed=True),
    define("redo", "Decide", "U", "do again what was taken back last", BESIDE),
    define("select", "Decide", "x", "select this one, or do not; deeds then go to all selected", IN_LIST, "select",
           countable=True),
    define("select-range", "Decide", "X", "select all from the last one selected to here", IN_LIST),
    define("select-all", "Decide", "*", "select all of this view or search, also what is not on the screen", IN_LIST),
    define("select-none", "Decide", "", "select nothing", INBOX),
    define("stop", "Decide", "ctrl+k", "stop the act on many that is running", INBOX),
    define("macro", "Decide", "@", "run a macro, after showing what it would do", INBOX, argument="macro", typed=True),
    define("repeat", "Decide", ".", "do the last of these again, here", INBOX, countable=True),
)  # fmt: skip
FIND = (
    define("search", "Find", "/", "search in everything; among customers, for one",
           (*IN_LIST, "customer", "customers"), "search",
           argument="query", typed=True),
    define("filter", "Find", "\\ F", "filter this view while typing", IN_LIST, "filter", argument="query", typed=True),
    define("unfilter", "Find", "", "take the filter off", INBOX),
    define("view", "Find", "", "show a view", INBOX, argument="view", required=True),
    define("pick-view", "Find", "v", "all views with their counts, found by a few letters", IN_LIST, "views",
           typed=True),
    define("next-view", "Find", "tab", "next view that holds something", IN_LIST, countable=True),
    define("previous-view", "Find", "shift+tab", "previous view that holds something", IN_LIST, countable=True),
    define("save-view", "Find", "", "save what the list shows as a view: a name, or a name and a query", INBOX,
           argument="text", typed=True),
    define("edit-view", "Find", "", "change the query of a saved view", INBOX, argument="view", required=True),
    define("delete-view", "Find", "", "delete a saved view", INBOX, argument="view", required=True),
    define("view-open", "Find", ("g o",), "view: open", INBOX, runs="view open"),
    define("view-mine", "Find", ("g m",), "view: mine", INBOX, runs="view mine"),
    define("view-unassigned", "Find", ("g u",), "view: unassigned", INBOX, runs="view unassigned"),
    define("view-waiting", "Find", ("g w",), "view: waiting for the customer", INBOX, runs="view waiting"),
    define("view-snoozed", "Find", ("g z",), "view: snoozed", INBOX, runs="view snoozed"),
    define("view-resolved", "Find", ("g e",), "view: resolved", INBOX, runs="view resolved"),
    define("view-mentions", "Find", ("g @",), "view: where colleagues name me", INBOX, runs="view mentions"),
    define("view-sent", "Find", ("g s",), "view: what we answered last", INBOX, runs="view sent"),
    define("view-failed", "Find", ("g f",), "view: answers that failed or may have", INBOX, runs="view failed"),
    define("view-quarantined", "Find", ("g q",), "view: what could not be read", INBOX, runs="view quarantined"),
    define("view-spam", "Find", ("g !",), "view: spam", INBOX, runs="view spam"),
    define("view-all", "Find", ("g a",), "view: all", INBOX, runs="view all"),
)  # fmt: skip
LOOK_AFTER = (
    define("ledger", "Look after", "L", "the ledger: what came in, where it went and why", PLAIN),
    define(
        "quarantined", "Look after", "x", "only what is quarantined, or everything", ("ledger",), "quarantined only"
    ),
    define("replay", "Look after", "R", "try a quarantined message again", ("ledger",), "replay"),
    define("outbox", "Look after", "O", "the outbox: held, failed and uncertain messages", PLAIN),
    define("retry", "Look after", "R", "try to send again", ("outbox",), "try again"),
    define("take-back", "Look after", "u", "take back what has not left: a draft again", ("outbox",), "take back"),
    define("drafts", "Look after", "D", "drafts", PLAIN),
    define("discard-draft", "Look after", "d", "throw a draft away", ("drafts",), "throw away"),
    define("answers", "Look after", "A", "canned answers: read, written, brought in and out", PLAIN),
    define("find-answer", "Look after", "/", "find by shortcut, title or text", ("answers", "articles"), "find",
           argument="text", typed=True),
    define("new-answer", "Look after", "n", "write a new one", ("answers", "articles"), "new"),
    define("edit-answer", "Look after", "e", "edit it here", ("answers", "articles"), "edit"),
    define("edit-answer-outside", "Look after", "E", "edit its text in your own editor ($EDITOR)",
           ("answers", "articles")),
    define("delete-answer", "Look after", "d", "throw it away", ("answers", "articles"), "throw away"),
    define("restore-answer", "Look after", "u", "bring back the one thrown away last",
           ("answers", "articles"), "bring back"),
    define("articles", "Look after", ("g h",), "help articles: read, written, and what is asked in vain", PLAIN),
    define("gaps", "Look after", "V", "what visitors ask and no article answers", ("articles",), "asked in vain"),
    define("import-answers", "Look after", "", "take answers in from a folder, a zip file or JSON", PLAIN,
           argument="path", required=True),
    define("export-answers", "Look after", "", "write all answers to a folder, a zip file or JSON", PLAIN,
           argument="path", required=True),
)  # fmt: skip
DESK = (
    define("sample", "Desk", "S", "load the sample shop", ("welcome",)),
    define("import", "Desk", "I", "import an archive of mail", PLAIN, argument="path", typed=True),
    define("connect", "Desk", "M", "connect a mailbox", PLAIN),
    define("refresh", "Desk", "ctrl+r ctrl+l", "ask the server again", PLAIN),
    define("next-field", "Desk", "tab down", "next field", ("form",), "next field"),
    define("previous-field", "Desk", "shift+tab up", "previous field", ("form",)),
    define("submit", "Desk", "ctrl+j", "try it and, if all works, connect", ("form",), "connect"),
    define("cancel", "Desk", "escape", "close and do nothing", CLOSED, "cancel"),
    define("complete", "Desk", "tab", "what could stand here: the next one", COMPLETED, "complete"),
    define("complete-back", "Desk", "shift+tab", "what could stand here: the one before", COMPLETED),
    define("earlier-line", "Desk", "up ctrl+p", "the line typed before", ("command",), "earlier"),
    define("later-line", "Desk", "down ctrl+n", "the line typed after", ("command",)),
    define("find-line", "Desk", "ctrl+r", "find a line typed before by some of its letters", ("command",), "find"),
    define("next-choice", "Desk", "down ctrl+n tab", "the next one found", ("finder",), "next"),
    define("previous-choice", "Desk", "up ctrl+p shift+tab", "the one found before", ("finder",), "previous"),
    define("next-choices", "Desk", "pagedown", "a page of them down", ("finder",)),
    define("previous-choices", "Desk", "pageup", "a page of them up", ("finder",)),
    define("next-row", "Desk", "down ctrl+n", "the next row, while the list is filtered", ("filter",)),
    define("previous-row", "Desk", "up ctrl+p", "the row before, while the list is filtered", ("filter",)),
    define("next-rows", "Desk", "pagedown", "a page of rows down, while the list is filtered", ("filter",)),
    define("previous-rows", "Desk", "pageup", "a page of rows up, while the list is filtered", ("filter",)),
    define("set", "Desk", "", "set something for this terminal, such as theme light", PLAIN,
           argument="setting", required=True),
    define("reload-keys", "Desk", "", "read the keys in desk.toml again", PLAIN),
    define("help", "Desk", "? f1", "all keys", PLAIN, "keys", argument="action", typed=True, aliases="h keys"),
    define("yes", "Desk", "y", "do what is asked about", ("confirm",), "yes"),
    define("no", "Desk", "n escape h", "leave it", ("confirm",), "no"),
    define("palette", "Desk", "ctrl+p", "find an action by its words", (*PLAIN, *WRITING), typed=True),
    define("command", "Desk", ":", "the command line: an action by its name, and with what", PLAIN, typed=True),
    define("quit", "Desk", "q", "leave Desk; the server goes on", (*PLAIN, "sheet", "pager", "confirm"), "quit",
           aliases="q exit"),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    *MOVE, *READ, *CALLING, *CHATTING, *LIVE, *ANSWER, *DECIDE, *OFFERING, *FIND, *LOOK_AFTER, *CUSTOMERS, *CARING,
    *DESK,
)  # fmt: skip
"""In the order in which the footer and the sheet show them."""

BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}
