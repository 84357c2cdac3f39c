"""Mail on Dovecot to shown in a running terminal, and ctrl+j to SMTP acceptance.

A real Dovecot, a real SMTP server and the real program in tmux. "Shown": from LMTP's yes to the first look at the
screen (every 4 ms) that has the subject. "Accepted": from the key to the relay's 250, less the undo window.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.tmux import Tmux
from tests.servers.common import eventually
from tests.servers.dovecot import Dovecot, installed
from tests.servers.rig import Rig, mail
from tests.servers.smtp import SmtpRelay

MAILS = 40
REPLIES = 15
UNDO_SECONDS = 1.0


def run() -> Iterator[tuple[str, str]]:
    if not installed():
        yield "delivery", "skipped: dovecot is not installed"
        return
    with (
        tempfile.TemporaryDirectory(prefix="desk-bench-") as name,
        Dovecot(None) as dovecot,
        SmtpRelay(None, dovecot) as smtp,
    ):
        support, customer = dovecot.unique_user("support"), dovecot.unique_user("customer")
        rig = Rig(Path(name) / "w", dovecot, smtp, support, undo_seconds=UNDO_SECONDS)
        command = [sys.executable, "-m", "desk.cli", "--workspace", str(rig.workspace.folder)]
        try:
            with Tmux(command, directory=Path(name), columns=120, rows=50) as terminal:
                dovecot.deliver(mail(0, support, sender=customer), support)
                terminal.wait_for("question 0")
                yield _figure("mail on Dovecot to shown in the terminal", list(_shown(terminal, dovecot, rig)))
                yield _figure("ctrl+j to SMTP acceptance after the undo window", list(_accepted(terminal, smtp)))
        finally:
            rig.kill()


def _shown(terminal: Tmux, dovecot: Dovecot, rig: Rig) -> Iterator[float]:
    for number in range(1, MAILS + 1):
        subject = f"question {number}"
        dovecot.deliver(mail(number, rig.address), rig.address)
        started = time.perf_counter()
        terminal.press("Home")
        terminal.wait_for(lambda screen, subject=subject: f"{subject} " in screen or f"{subject}\n" in screen)
        yield time.perf_counter() - started


def _accepted(terminal: Tmux, smtp: SmtpRelay) -> Iterator[float]:
    terminal.press("Enter")
    for number in range(REPLIES):
        terminal.press("r")
        terminal.wait_for("^j send")
        terminal.type(f"answer {number}")
        terminal.wait_for(f"answer {number}")
        pressed = time.time()
        terminal.press("C-j")
        eventually(lambda wanted=number + 1: len(smtp.deliveries()) == wanted, 30, what=f"reply {number} accepted")
        yield smtp.deliveries()[-1].at - pressed - UNDO_SECONDS


def _figure(name: str, seconds: list[float]) -> tuple[str, str]:
    milliseconds = sorted(value * 1000 for value in seconds)
    p95 = milliseconds[min(len(milliseconds) - 1, round(0.95 * len(milliseconds)) - 1)]
    median = statistics.median(milliseconds)
    return name, f"median {median:.0f} ms, p95 {p95:.0f} ms, worst {milliseconds[-1]:.0f} ms  (n={len(seconds)})"
