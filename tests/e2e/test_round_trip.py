"""The whole way, as a rep walks it: mail arrives, is shown, is answered, and the customer holds the answer."""

from __future__ import annotations

import shutil
import sys
from email.message import Message
from pathlib import Path

import pytest

from tests.e2e.tmux import Tmux
from tests.servers.common import eventually
from tests.servers.dovecot import Dovecot
from tests.servers.rig import Rig
from tests.servers.smtp import SmtpRelay

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

QUESTION = b"""\
From: Zo\xc3\xab Customer\x1b]0;owned\x07 <%(customer)s>
To: %(support)s
Subject: Where is my teapot?
Message-ID: <teapot-1@elsewhere.test>
Date: Sun, 22 Nov 2026 08:00:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

The blue teapot I ordered on Monday has not come yet.
\x1b]52;c;b3duZWQ=\x07\x1b]0;owned\x07\x1b[2J
"""


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 60)])
def test_mail_is_shown_answered_and_reaches_the_customer(
    columns: int, rows: int, tmp_path: Path, own_dovecot: Dovecot, own_smtp: SmtpRelay
) -> None:
    support, customer = own_dovecot.unique_user("support"), own_dovecot.unique_user("customer")
    with (
        Rig(tmp_path / "w", own_dovecot, own_smtp, support, undo_seconds=1) as rig,
        Tmux(desk(rig), directory=tmp_path, columns=columns, rows=rows) as terminal,
    ):
        terminal.wait_for(lambda screen: "? " in screen or "help" in screen.lower())
        own_dovecot.deliver(
            QUESTION % {b"customer": customer.encode(), b"support": support.encode()}, support, sender=customer
        )
        terminal.wait_for("Where is my teapot?")
        terminal.press("Enter")
        terminal.wait_for("has not come yet")
        terminal.press("r")
        terminal.wait_for("^j send")
        terminal.type("It left us on Tuesday and should be with you tomorrow.")
        terminal.wait_for("with you tomorrow")
        terminal.press("C-j")
        eventually(lambda: len(own_smtp.deliveries()) == 1, what="the answer accepted")
        [answer] = own_dovecot.mailbox(customer).wait()
        assert_answers(answer.parsed, support)
        terminal.wait_for("with you tomorrow")
        assert "owned" not in terminal.title() + terminal.clipboard()
        terminal.press("q")
        eventually(terminal.dead, what="the terminal left")


def desk(rig: Rig) -> list[str]:
    return [sys.executable, "-m", "desk.cli", "--workspace", str(rig.workspace.folder)]


def assert_answers(answer: Message, support: str) -> None:
    assert answer["In-Reply-To"] == "<teapot-1@elsewhere.test>"
    assert "<teapot-1@elsewhere.test>" in answer["References"]
    assert answer["Subject"] == "Re: Where is my teapot?"
    assert support in answer["From"]
    text = (
        answer.get_payload(decode=True) if not answer.is_multipart() else answer.get_payload(0).get_payload(decode=True)
    )  # type: ignore[union-attr]
    assert b"should be with you tomorrow" in text
