"""Why a message is where it is: the rule that decided, how it came in, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

from desk.keymap import Keymap
from desk.model import LedgerEntry, Message, Rule
from screens.render import body, cells, shorten, wrap
from screens.times import full_stamp
from screens.transcript import size_words
from screens.widgets.bars import key_glyph
from screens.widgets.lines import BLANK, Line

RULES: dict[Rule, str] = {
    "token": "it carries our own signed token",
    "references": "it answers a message of this conversation, and its sender takes part",
    "subject": "same subject, from somebody who takes part, within 30 days",
    "bounce": "it reports on a message of this conversation",
    "new": "nothing tied it to an older conversation",
    "outbound": "we wrote it here",
    "moved": "a rep moved it here",
}


def why_lines(message: Message, entries: Sequence[LedgerEntry], keymap: Keymap, width: int) -> list[Line]:
    """The rule in words, what it matched, the ledger's entries, and the ways out."""
    lines = [Line(((f" {part}", "strong"),)) for part in wrap(RULES.get(message.rule, message.rule), width - 2)]
    lines += [Line(((f" {part}", "text"),)) for part in wrap(body(message.rule_detail), width - 2)]
    if message.third_party:
        warning = "its sender did not take part before: check the address before you answer"
        lines += [Line(((f" {part}", "warn"),)) for part in wrap(warning, width - 2)]
    lines.append(BLANK)
    lines.append(_fact("Message-ID", message.rfc_message_id or "none", width))
    if message.in_reply_to:
        lines.append(_fact("answers", message.in_reply_to, width))
    lines.append(_fact("at", f"{full_stamp(message.at)}, {size_words(message.size)}", width))
    for entry in entries:
        lines += [BLANK, *_entry(entry, width)]
    if message.direction == "in":
        lines += [BLANK, Line(((" it does not belong here?", "strong"),))]
        for action, told in (("split", "take it out, into a conversation of its own"), ("move", "put it into another")):
            lines.append(Line(((" ", "text"), (key_glyph(keymap.key(action, "pager")), "key"), (f" {told}", "text"))))
    return lines


def _fact(name: str, value: str, width: int) -> Line:
    return Line(((f" {name:<11} ", "dim"), (shorten(value, width - 14), "text")))


def _entry(entry: LedgerEntry, width: int) -> list[Line]:
    came = f" {entry.outcome} {full_stamp(entry.at)}"
    lines = [
        Line(((came, "strong"), (f"  {shorten(entry.account, min(width - cells(came) - 3, 24))}", "dim"))),
        Line(((f" {shorten(entry.external_id, width - 2)}", "dim"),)),
    ]
    if entry.reason:
        lines += [Line(((f" {part}", "text"),)) for part in wrap(body(entry.reason), width - 2)]
    return lines
