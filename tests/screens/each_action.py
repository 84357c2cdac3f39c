"""How each action of the registry is done on the sample shop, and what is to be seen of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from textual.screen import Screen

from desk.app import DeskApp
from desk.client import Client
from desk.keymap import Context
from desk.model import Conversation
from screens.answerform import AnswerForm
from screens.answers import AnswersScreen
from screens.articles import ArticlesScreen
from screens.commandline import CommandLine
from screens.connect import ConnectScreen
from screens.connections import ConnectionsScreen
from screens.customers.screen import CustomersScreen
from screens.listing import DraftsScreen, LedgerScreen, OutboxScreen
from screens.live import LiveScreen
from screens.notes import CustomerNotes
from screens.palette import Palette
from screens.settings import SettingsScreen
from screens.textbox import TextBox
from screens.viewpicker import ViewPicker
from screens.visitors import VisitorsScreen
from tests.screens.conftest import screen_text


class Stage(NamedTuple):
    """What a check may look at."""

    app: DeskApp
    client: Client
    row: Conversation
    """The conversation that was meant when the action was done."""
    other: Conversation
    """The second one of the list, as it was at first."""


Probe = Callable[[Stage], object]
Check = Callable[[Stage], "bool | Awaitable[bool]"]


class Changed(NamedTuple):
    """Something that has another value afterwards."""

    probe: Probe


class Case(NamedTuple):
    """An action, and its effect: a text on the screen, a check, or a value that changes."""

    action: str
    wanted: str | Check | Changed
    at: str = "list"
    """A key of `PLACES`: where it is done."""
    before: str = ""
    """Keys pressed there first; `~some_text` waits for a text, `~found` for what a picker finds.

    With a colon at the beginning, a line that is said.
    """
    ready: str = ""
    """What the screen shows after these."""
    then: str = ""
    """Pressed after the key, where that asks."""
    line: str = ""
    """What is said after the name, where a line says it all."""
    after_line: str = ""
    """Pressed after the line."""


class Place(NamedTuple):
    """Where actions are done: the keys that lead there from the list, and where they go then."""

    keys: str
    context: Context
    shows: str = ""


PLACES = {
    "list": Place("", "list"),
    "search": Place("/ b a t t e r y enter", "search", "for battery"),
    "conversation": Place("enter", "conversation", "green-door.png"),
    "called": Place("enter C b ctrl+u + 4 9 3 0 1 2 3 4 5 6 space 1 d enter", "conversation", "is promised a call"),
    "quoted": Place("7 j enter", "conversation", "quoted lines"),
    "source": Place("enter V", "pager", "Source, "),
    "pager": Place("enter w", "pager", "Why is this message here?"),
    "customer": Place("enter l", "customer", "known since"),
    "composer": Place("r", "composer", "Subject"),
    "note": Place("i", "note"),
    "ledger": Place("L", "ledger", "parts nested"),
    "outbox": Place("O", "outbox", "Fiona"),
    "held": Place("r h i ctrl+l 3 d enter O", "outbox", "held"),
    "drafts": Place("r h i escape D", "drafts", "Ben Carter"),
    "answers": Place("A", "answers", "::"),
    "articles": Place("g h", "articles", "orders/cancel"),
    "settings": Place(",", "settings", "undo_seconds"),
    "connections": Place("g c", "connections", "help@larkspur"),
    "customers": Place("g p escape", "customers", "Marta"),
    "live": Place("f2", "live", "nobody has answered yet"),
    "board": Place(": r u l e s enter", "board", "batteries — off"),
    "figures": Place("f2 ~nobody_has_answered p", "figures", "all queues"),
    "form": Place("M", "form", "IMAP server"),
    "prompt": Place("t", "prompt", "words to add"),
    "command": Place(": d o w n enter :", "command"),
    "filter": Place("\\", "filter"),
    "finder": Place("ctrl+p", "finder", "mark-unread"),
    "confirm": Place("@ l a t e enter", "confirm", "snooze 3d"),
}


# --- what is to be seen -----------------------------------------------------------------------------------


def cursor(row: int) -> Check:
    return lambda stage: stage.app.inbox.rows.cursor == row


def view(name: str) -> Check:
    return lambda stage: stage.app.inbox.pages.view == name and stage.app.inbox.pages.loaded


def total(number: int) -> Check:
    return lambda stage: stage.app.inbox.rows.source.total == number


def on(kind: type[Screen[object]]) -> Check:
    return lambda stage: isinstance(stage.app.screen, kind)


def at(context: Context) -> Check:
    return lambda stage: stage.app.screen.context == context  # type: ignore[attr-defined,no-any-return]


def writing(kind: str) -> Check:
    def check(stage: Stage) -> bool:
        work = stage.app.inbox.writing.composer and stage.app.inbox.writing.composer.work
        return bool(work and work.kind == kind and stage.app.inbox.context in ("composer", "note"))

    return check


def field(name: str, value: object) -> Check:
    """What the server says of the conversation that was meant."""

    async def check(stage: Stage) -> bool:
        now = getattr(await stage.client.conversation(stage.row.id), name)
        return value in now if isinstance(now, tuple) else now == value

    return check


async def taken(stage: Stage) -> bool:
    """What is read is the rep's own now."""
    row = stage.app.inbox.conversation.conversation
    if row is None or stage.app.inbox.context != "conversation":
        return False
    return (await stage.client.conversation(row.id)).assignee_name == "mia"


def customer(name: str, value: object) -> Check:
    """What the server says of its customer."""

    async def check(stage: Stage) -> bool:
        now = getattr(await stage.client.customer(stage.row.customer_id), name)
        return value in now if isinstance(now, tuple) else now == value

    return check


async def merged(stage: Stage) -> bool:
    return (await stage.client.conversation(stage.row.id)).state == "merged"


def quiet(stage: Stage) -> bool:
    return stage.app.comforts.quiet


def no_files(stage: Stage) -> bool:
    composer = stage.app.inbox.writing.composer
    return composer is not None and not composer.content.attachments


def answered(stage: Stage) -> bool:
    """A canned answer stands in the text."""
    composer = stage.app.inbox.writing.composer
    return composer is not None and "within three days" in composer.editor.text


def wrote(words: str) -> Check:
    """These stand in the text."""

    def check(stage: Stage) -> bool:
        composer = stage.app.inbox.writing.composer
        return composer is not None and words in composer.editor.text.casefold()

    return check


def focus(stage: Stage) -> object:
    return stage.app.screen.focused


def screen(stage: Stage) -> object:
    return screen_text(stage.app)


def message(stage: Stage) -> object:
    return stage.app.inbox.conversation.transcript.message


def reading(stage: Stage) -> object:
    shown = stage.app.inbox.conversation.conversation
    return shown and shown.id


def rows(stage: Stage) -> object:
    return stage.app.screen.source.total  # type: ignore[attr-defined]


def typed(stage: Stage) -> object:
    return stage.app.screen.entry.value  # type: ignore[attr-defined]


def place(stage: Stage) -> object:
    return stage.app.screen.list.cursor  # type: ignore[attr-defined]


def column(stage: Stage) -> object:
    return stage.app.screen.column  # type: ignore[attr-defined]


def queue(stage: Stage) -> object:
    return stage.app.screen.queue  # type: ignore[attr-defined]


def line_found(stage: Stage) -> object:
    return stage.app.screen.view.found  # type: ignore[attr-defined]


def of_customer(stage: Stage) -> object:
    return stage.app.inbox.customer.cursor


# --- the cases --------------------------------------------------------------------------------------------

CASES = (
    Case("down", cursor(1)),
    Case("up", cursor(1), before="j j"),
    Case("top", cursor(0), before="j j"),
    Case("bottom", cursor(21)),
    Case("page-down", cursor(21)),
    Case("page-on", Changed(lambda stage: stage.app.screen.list.cursor), at="customers"),  # type: ignore[attr-defined]
    Case("page-up", cursor(0), before="G"),
    Case("half-down", Changed(lambda stage: stage.app.inbox.rows.cursor)),
    Case("half-up", Changed(lambda stage: stage.app.inbox.rows.cursor), before="G"),
    Case("go-to", cursor(2), line="3"),
    Case("open", at("conversation")),
    Case("back", at("list"), at="conversation"),
    Case("next-conversation", Changed(reading), at="conversation"),
    Case("previous-conversation", Changed(reading), at="conversation", before="n", ready="Lucía"),
    Case("next-message", Changed(message), at="conversation", before="[ ["),
    Case("previous-message", Changed(message), at="conversation"),
    Case("fold", Changed(screen), at="quoted"),
    Case("fold-all", Changed(screen), at="quoted"),
    Case("promises", "What was promised", at="conversation"),
    Case("decisions", "Desk did nothing here by itself", at="conversation"),
    Case("why", "Why is this message here?", at="conversation"),
    Case("save-attachment", "saved as", at="conversation", then="enter", line="1", after_line="enter"),
    Case("open-attachment", "Open this file?", at="conversation", line="1"),
    Case("headers", "Header of: Re: THIRD", at="conversation"),
    Case("source", "Source, ", at="conversation"),
    Case("save-source", "saved as", at="source", then="enter"),
    Case("find-text", Changed(screen), at="conversation", then="N O B O D Y enter", line="NOBODY"),
    Case("find-next", Changed(line_found), at="source", before="/ e enter"),
    Case("find-previous", Changed(line_found), at="source", before="/ e enter"),
    Case("mark-unread", field("unread", True), before="j j"),
    Case("next-unread", "nothing is new here", at="conversation", before="n n", ready="Marta Okafor <"),
    Case("pane", at("conversation")),
    Case("show", lambda stage: reading(stage) == stage.other.id and at("conversation")(stage), line="{other}"),
    Case("reply", writing("reply")),
    Case("note", "noted", then="c a l l ctrl+j", line="call"),
    Case("undo-send", "taken back; it was not sent", before="r h i ctrl+j", ready="takes it back"),
    Case("reply-all", writing("reply")),
    Case("forward", writing("forward")),
    Case("compose", writing("new")),
    Case("send", "takes it back", at="composer", before="h i"),
    Case("send-resolve", field("state", "resolved"), at="composer", before="h i"),
    Case("send-next", Changed(reading), at="composer", before="h i"),
    Case("send-later", "goes out at", at="composer", before="h i", then="3 d enter", line="3d"),
    Case("send-snooze", field("state", "snoozed"), at="composer", before="h i", then="3 d enter", line="3d"),
    Case("send-now", "on its way", at="composer", before="h i"),
    Case("next-part", Changed(focus), at="composer"),
    Case("previous-part", Changed(focus), at="composer"),
    Case("recipients", "Bcc", at="composer"),
    Case("insert-answer", answered, at="composer", then="r e t u r n enter", line="return"),
    Case("insert-article", wrote("cancel"), at="composer", then="c a n c e l ~found enter", line="cancel"),
    Case("insert-article-text", wrote("cancel"), at="composer", then="c a n c e l ~found enter", line="cancel"),
    Case("next-gap", "every placeholder is settled", at="composer"),
    Case("attach", "+1 note.txt", at="composer", then="{file} enter enter", line="{file}"),
    Case("detach", no_files, at="composer", before=":attach {file}", ready="+1 note.txt"),
    Case("quote", "their message quoted below", at="composer"),
    Case("editor", "this terminal cannot be left", at="composer"),
    Case("discard", "thrown away", at="composer", before="h i"),
    Case("command-here", on(CommandLine), at="composer"),
    Case("leave", "the draft is kept", at="composer", before="h i"),
    Case("callback", "is promised a call at", then="ctrl+u + 4 9 3 0 1 2 3 4 5 6 7 8 space 2 h enter",
         line="+49301234567 2h"),
    Case("move-callback", "the call is promised for", at="called", line="3h", then="3 h enter"),
    Case("cancel-callback", "nobody calls any more", at="called"),
    Case("call", "Call before the time?", at="called"),
    Case("outcome", "wrong number: done", at="called", then="~busy w r o n g enter", line="wrong-number"),
    Case("take-next", taken),
    Case("claim", field("assignee_name", "mia")),
    Case("assign", field("assignee_name", "Ada Lindqvist"), then="a d a enter", line="ada"),
    Case("resolve", field("state", "resolved")),
    Case("reopen", field("state", "open"), before="g e", ready="of 14 resolved"),
    Case("snooze", field("state", "snoozed"), then="3 d enter", line="3d"),
    Case("tag", field("tags", "vip"), then="v i p enter", line="+vip"),
    Case("priority", field("priority", "low"), then="l o w enter", line="low"),
    Case("transfer", field("assignee_name", "Ada Lindqvist"), then="a d a enter ~note_for y e s enter", line="ada yes"),
    Case("queue", field("queue_name", "Workshop"), then="w o r enter", line="Workshop"),
    Case("spam", field("state", "spam")),
    Case("merge", merged, then="l o c k ~found enter", line="{other}"),
    Case("merge-customer", "are one now", then="B e n j a m i n enter ~Merge_Benjamin y", line="{alike}",
         after_line="~Merge_Benjamin y"),
    Case("split", "taken out into a conversation of its own", at="conversation"),
    Case("move", "moved into", at="conversation", then="l o c k ~found enter", line="{other}"),
    Case("undo", field("assignee_name", None), before="c", ready="it is yours"),
    Case("redo", field("assignee_name", "mia"), before="c u", ready="undone"),
    Case("select", "1 selected"),
    Case("select-range", "3 selected", before="x j"),
    Case("select-all", "22 selected"),
    Case("select-none", lambda stage: not stage.app.inbox.selection, before="x", ready="1 selected"),
    Case("macro", field("tags", "late"), then="l a t e enter ~late_— y", line="late", after_line="~late_— y"),
    Case("repeat", field("assignee_name", "mia"), before="c j j j", ready="it is yours"),
    Case("search", "for battery", then="b a t t e r y enter", line="battery"),
    Case("filter", total(2), then="t a g : s a f e t y enter", line="tag:safety"),
    Case("unfilter", total(22), before=":filter tag:safety", ready="of 2 open"),
    Case("view", view("mine"), line="mine"),
    Case("pick-view", on(ViewPicker)),
    Case("next-view", Changed(lambda stage: stage.app.inbox.pages.view)),
    Case("previous-view", Changed(lambda stage: stage.app.inbox.pages.view)),
    Case("save-view", "saved as view few: tag:safety", line="few tag:safety"),
    Case("edit-view", "saved as view few: tag:wheels", before=":save-view few tag:safety", ready="saved as view",
         line="few", after_line="ctrl+u t a g : w h e e l s enter"),
    Case("delete-view", "view few is deleted", before=":save-view few tag:safety", ready="saved as view", line="few"),
    Case("view-open", view("open"), before="g m", ready="of 6 mine"),
    *(Case(f"view-{name}", view(name)) for name in
      ("mine", "unassigned", "waiting", "snoozed", "resolved", "mentions", "sent", "failed", "spam", "all")),
    Case("view-quarantined", on(LedgerScreen)),
    Case("ledger", on(LedgerScreen)),
    Case("quarantined", Changed(rows), at="ledger"),
    Case("replay", "it still cannot be read", at="ledger"),
    Case("outbox", on(OutboxScreen)),
    Case("retry", "it is tried again", at="outbox"),
    Case("take-back", writing("reply"), at="held", before="G"),
    Case("drafts", on(DraftsScreen)),
    Case("discard-draft", Changed(rows), at="drafts", then="d", after_line="d"),
    Case("answers", on(AnswersScreen)),
    Case("articles", on(ArticlesScreen)),
    Case("gaps", "do you rent bikes", at="articles"),
    Case("find-answer", "for refund", at="answers", then="r e f u n d enter", line="refund"),
    Case("new-answer", on(AnswerForm), at="answers"),
    Case("edit-answer", on(AnswerForm), at="answers"),
    Case("edit-answer-outside", "this terminal cannot be left", at="answers"),
    Case("delete-answer", "thrown away; ", at="answers", then="d", after_line="d"),
    Case("restore-answer", "kept as ::", at="answers", before="d d", ready="thrown away; "),
    Case("import-answers", "answers: 1 new", line="{answers}"),
    Case("export-answers", "files written to", line="{out}"),
    Case("customers", on(CustomersScreen)),
    Case("visitors", on(VisitorsScreen)),
    Case("live", on(LiveScreen)),
    Case("column-right", Changed(column), at="live"),
    Case("column-left", Changed(column), at="live", before="l"),
    Case("define", "What the numbers mean", at="live"),
    Case("open-or-close", "is closed", at="live", before="j"),
    Case("works-in", "mia works in Orders", at="live", before="1 6 g g", then="O r d e r s enter", line="Orders"),
    Case("plots", "arrivals, by", at="live"),
    Case("staffing", "needed: to answer", at="live"),
    Case("report", "by day", at="live", line="today"),
    Case("save-report", "saved as", at="figures", before="escape r ~in_time", then="ctrl+u {out} enter", line="{out}"),
    Case("queue-after", Changed(queue), at="figures"),
    Case("queue-before", Changed(queue), at="figures"),
    Case("leave-live", at("list"), at="live"),
    Case("new-customer", "new customer: zoe@new.example", then="{zoe} enter", line="{zoe}"),
    Case("customer-page", on(CustomersScreen)),
    Case("customer-notes", on(CustomerNotes)),
    Case("customer-name", customer("name", "Zoe"), then="ctrl+u Z o e enter", line="Zoe"),
    Case("customer-add", customer("tags", "vip"), then="# v i p enter", line="#vip"),
    Case("customer-remove", "taken away: vip", before="C a # v i p enter", ready="added: #vip",
         then="v i p enter", line="vip"),
    Case("customer-tag", customer("tags", "vip"), then="v i p enter", line="vip"),
    Case("customer-zone", customer("zone", "Asia/Tokyo"), then="ctrl+u T o k y o enter", line="Tokyo"),
    Case("customer-language", customer("language", "de"), then="ctrl+u d e enter", line="de"),
    Case("customer-address", customer("address", "zoe@new.example"), before="C a {zoe} enter", ready="added: zoe",
         then="ctrl+u {zoe} enter", line="{zoe}"),
    Case("customer-mail", "no automatic mail to"),
    Case("customer-edit", at("prompt"), at="customer"),
    Case("customer-write", writing("new")),
    Case("customer-lookups", "no other system is asked"),
    Case("next-section", Changed(of_customer), at="customer"),
    Case("previous-section", Changed(of_customer), at="customer"),
    Case("policies", "what is promised to whom"),
    Case("rules", "rules, in the order in which they are asked"),
    Case("try-out", "tried: would have fitted", at="board"),
    Case("settings", on(SettingsScreen)),
    Case("find-setting", Changed(rows), at="settings", then="b e l l enter", after_line="b e l l enter"),
    Case("unset-setting", "desk.undo_seconds is no longer in desk.toml", at="settings"),
    Case("new-setting", 'views.few = "is:unread"', at="settings", line="views.few",
         then="v i e w s . f e w enter i s : u n r e a d enter", after_line="i s : u n r e a d enter"),
    Case("connections", on(ConnectionsScreen)),
    Case("test-account", "what was found", at="connections"),
    Case("pause-account", "is paused", at="connections"),
    Case("disconnect", "is disconnected", at="connections", then="~Disconnect y", after_line="~Disconnect y"),
    Case("signature", on(TextBox), at="connections"),
    Case("provide-secret", "password of shop", at="connections", line="shop"),
    Case("theme", lambda stage: stage.app.theme == "desk-light", line="light"),
    Case("available", "you are available"),
    Case("busy", "you are busy", line="stocktaking"),
    Case("away", "you are away", line="lunch"),
    Case("quiet", quiet, line="on"),
    Case("import", Changed(lambda stage: stage.app.desk.status and stage.app.desk.status.conversations),
         then="{mail} enter", line="{mail}"),
    Case("connect", on(ConnectScreen)),
    Case("next-field", Changed(focus), at="form"),
    Case("previous-field", Changed(focus), at="form"),
    Case("submit", Changed(screen), at="form"),
    Case("cancel", at("list"), at="form"),
    Case("complete", lambda stage: typed(stage) == "snooze ", at="command", before="s n o"),
    Case("complete-back", Changed(typed), at="command", before="v i e w space tab"),
    Case("earlier-line", lambda stage: typed(stage) == "down", at="command"),
    Case("later-line", lambda stage: typed(stage) == "", at="command", before="up"),
    Case("find-line", Changed(screen), at="command"),
    Case("next-choice", Changed(place), at="finder"),
    Case("previous-choice", Changed(place), at="finder", before="down"),
    Case("next-choices", Changed(place), at="finder"),
    Case("previous-choices", Changed(place), at="finder", before="pagedown"),
    Case("next-row", cursor(1), at="filter"),
    Case("previous-row", cursor(0), at="filter", before="down"),
    Case("next-rows", Changed(lambda stage: stage.app.inbox.rows.cursor), at="filter"),
    Case("previous-rows", Changed(lambda stage: stage.app.inbox.rows.cursor), at="filter", before="pagedown"),
    Case("set", lambda stage: stage.app.theme == "desk-light", line="theme light"),
    Case("reload-keys", "the keys were that way already"),
    Case("help", "All keys"),
    Case("yes", field("tags", "late"), at="confirm"),
    Case("no", at("list"), at="confirm"),
    Case("palette", on(Palette)),
    Case("command", on(CommandLine)),
    Case("refresh", Changed(lambda stage: stage.app.inbox.viewing._counted)),
    Case("quit", lambda stage: stage.app._exit),
)  # fmt: skip

ELSEWHERE = {
    **dict.fromkeys(
        ("take-offer", "decline-offer", "returned"),
        "tests/screens/test_offering.py, by key and by line: a queue has to hand something out",
    ),
    **{
        f"chat{each}": "tests/screens/test_chats_at_once.py, by key and by line: a visitor has to be there"
        for each in ("", "-waiting", *(f"-{number}" for number in range(1, 10)))
    },
    "hang-up": "tests/screens/test_calling.py, by key and by line: a call has to be under way",
    "invite": "tests/screens/test_visitors_now.py, by key and by line: somebody has to be on the site",
    "visitor-chat": "tests/screens/test_visitors_now.py, by key and by line: they have to have chatted",
    **dict.fromkeys(
        ("listen", "whisper", "take-over", "give-it", "raise-it", "undo-act"),
        "tests/screens/test_supervising.py, by key and by line: a colleague has to have something",
    ),
    "open-link": "tests/screens/test_conversation.py, by key and by line: the shop's customers send no links",
    "stop": "tests/screens/test_selecting.py, by key and by line: an act on many has to be running",
    "sample": "test_an_empty_desk_is_filled: a workspace has to be empty",
}
"""What needs another stage."""
