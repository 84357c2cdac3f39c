"""Hostile text in every field, on every screen, through a real pseudo-terminal.

The texts are written into the store as they are, past every cleaning on the way in: what is tested is the last gate.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator

import pytest

from benchmarks.pseudoterminal import PseudoTerminal
from desk.clock import SystemClock
from desk.model import (
    Address,
    Attachment,
    Draft,
    Fold,
    Identity,
    LedgerEntry,
    Message,
    NewReply,
    OutboxItem,
    Recipient,
)
from desk.store.sqlite.store import open_store
from tests.servers.desk import DeskServer

ATTACK = (
    "\x1b]0;TITLE\x07\x1b]52;c;cHduZWQ=\x07\x1b]8;;http://x\x1b\\\x1b[2J\x1b[6n\x1bP$q\x1b\\\x9b31m\x9d0;T\x9c\x00\x08\x7f\r"
    "\u202eevil\u2066\u2069\u200b\u00ad[@click=app.quit]click[/][/b][b]\\[link=http://x]\U000e0041\ufe0f"
)
FIELDS = re.findall(
    r"\w+",
    "subject name body sender cc attachment media link detail note event tag queue agent recipient rfcid custnotes "
    "reason external ledgersubject ledgersender outboxerror draftbody draftsubject quote",
)
ESCAPE_SECONDS = 0.4
"""An escape key is told from the start of a sequence by the silence after it."""
OWN = re.compile(
    rb"\x1b\[[0-9;]*m|\x1b\[\d+;\d+H|\x1b\[\?[0-9;]+[hl]|\x1b\[[<>=]\d*u|\x1b\[\?\d+\$p|\x1b\]22;[a-z-]+\x1b\\|\x1b\]22;[a-z-]+\x07"
    rb"|\x1b\[2[23];2t|\x1b\]2;(?:desk(?: \((?:\d+ unread)?(?:, )?(?:\d+ mentions?)?\))?)?\x07"
)
"""All that Textual itself sends: colours, positions, modes, keyboard protocol, the pointer's shape; and our title."""


def hostile(field: str) -> str:
    return f"F{field}{ATTACK}"


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> Iterator[DeskServer]:
    server = new_desk()
    clock = SystemClock()
    now = clock.now()
    store = open_store(server.home.database, blobs=server.home.attachments)
    with store.write():
        agent = store.agents.ensure("mia", hostile("agent"))
        identity = Identity(kind="email", value="Faddress@x.example" + ATTACK, name=hostile("name"))
        customer = store.customers.create(hostile("name"), [identity], now)
        store.customers.update(customer, rev=1, notes=hostile("custnotes"))
        queue = store.queues.ensure(hostile("queue"))
        id = store.conversations.create(
            subject=hostile("subject"), channel="email", account="shop", customer_id=customer, at=now, queue_id=queue
        )
        store.conversations.tag(id, store.tags.ensure(hostile("tag")), now)
        by = {"agent_id": agent.id, "agent_name": agent.name}
        common = {"conversation_id": id, "account": hostile("account"), "at": now}
        message = store.messages.add(
            Message(
                **common,
                direction="in",
                kind="bounce",
                sender=Address(email="s@x.example" + ATTACK, name=hostile("sender")),
                to=(Address(email="shop@x.example", name=hostile("to")),),
                cc=(Address(email="cc@x.example", name=hostile("cc")),),
                subject=hostile("subject"),
                body=hostile("body") + "\n> " + hostile("quote") + "\n漢字 e\u0301\n" + "\t" * 30,
                folds=(Fold(kind="quote", start=1, end=2),),
                links=("http://x.example/" + hostile("link"),),
                attachments=(
                    Attachment(
                        name=hostile("attachment"), media_type=hostile("media"), size=3, sha256=store.blobs.put(b"abc")
                    ),
                ),
                rfc_message_id=hostile("rfcid"),
                rule_detail=hostile("detail"),
                third_party=True,
                recipients=(Recipient(address=hostile("recipient"), diagnostic=ATTACK),),
            )
        )
        out = store.messages.add(Message(**common, direction="out", body=hostile("outbody"), **by))
        item = store.outbox.add(
            OutboxItem(message_id=out, conversation_id=id, account="shop", rfc_message_id="a@b", created_at=now)
        )
        store.outbox.advance(item, ("held",), "failed", now, error=hostile("outboxerror"))
        store.messages.add(Message(**common, direction="event", body=hostile("event")))
        store.messages.add(Message(**common, direction="note", body=hostile("note"), **by))
        store.drafts.save(
            Draft(
                agent_id=agent.id,
                conversation_id=id,
                content=NewReply(body=hostile("draftbody"), subject=hostile("draftsubject")),
                updated_at=now,
            )
        )
        for outcome in ("stored", "quarantined"):
            store.ledger.add(
                LedgerEntry(
                    at=now,
                    account="shop",
                    external_id=hostile("external") + outcome,
                    outcome=outcome,  # type: ignore[arg-type]
                    message_id=message if outcome == "stored" else None,
                    conversation_id=id if outcome == "stored" else None,
                    reason=hostile("reason"),
                    subject=hostile("ledgersubject"),
                    sender=hostile("ledgersender"),
                )
            )
    store.close()
    return server.start()


def walk(terminal: PseudoTerminal, width: int, height: int) -> None:
    """Every screen, every pane, every prompt; pasting the attack wherever people type, and clicking everywhere."""

    def keys(*presses: str) -> None:
        for press in presses:
            terminal.send(press.encode("utf-8", "replace"))
            terminal.quiet(ESCAPE_SECONDS if press == "\x1b" else 0.12, 4)

    paste = "\x1b[200~" + ATTACK + "\x1b[201~"
    keys("j", "\r", "Z", "]", "[", "[", "[", "Z", "gg", "G", "w", "j", "h", "l", "j", "h", "h")
    keys("\r", "s", "\x15", "/nowhere/at/all", "\x1b", "\x1b")
    keys("/", paste, "\r", "\x1b", "/", "\x15", "Fbody", "\r", "\r", "h", "h", "h")
    keys("t", paste, "\x1b", "z", paste, "\r", "\x1b", "p", paste, "\x1b", "a", paste, "\x1b")
    keys("r", paste, "\x07", "\x1b", "\x14", paste, "\x1b", "\x0a", "\x1b", "h")
    keys("i", paste, "\x1b", "h", "C", "n", paste, "\x1b", "h")
    keys("L")
    terminal.until(b"Fledgersubject", since=0)
    keys("\r", "j", "\r", "h", "L", "x", "R", "h", "h")
    keys("O", "R", "j", "k", "h", "h", "D", "j", "h", "?", "G", "h", "\x10", paste, "\x1b")
    keys("M", paste, "\t", paste, "\t", paste, "\x0a", "\x1b", "I", paste, "\r", "\x1b")
    keys("\r", "h")
    for y in range(1, height, 2):  # the last line holds only our own keys, one of which leaves
        for x in range(3, width, 17):
            terminal.send(f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m".encode())
        terminal.quiet(0.05, 2)
    keys(*["\x1b"] * 6)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 45)])
def test_nothing_a_terminal_obeys_gets_through(server: DeskServer, width: int, height: int) -> None:
    command = [sys.executable, "-m", "desk.cli", "--workspace", str(server.home.folder)]
    with PseudoTerminal(command, width, height, {"DESK_AGENT": "mia"}) as terminal:
        terminal.until(b"nothing to answer", since=0)
        terminal.send(b"ga")
        terminal.until(b"Fsubject", since=0)
        terminal.quiet(0.5)
        walk(terminal, width, height)
        offset = len(terminal.seen)
        terminal.send(b"?")
        terminal.until(b"All keys", since=offset)
        terminal.quiet(0.5)
        written = bytes(terminal.seen)
    rest = OWN.sub(b"", written)
    text = rest.decode("utf-8")
    bad = {char for char in text if char not in "\r\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs")}
    assert not bad, {hex(ord(char)): text[max(0, text.index(char) - 60) : text.index(char) + 30] for char in bad}
    assert "[@click=app.quit]" in text
    plain = text.replace("\r", "").replace("\n", "")
    missing = [field for field in FIELDS if f"F{field}" not in plain]
    assert missing == []
