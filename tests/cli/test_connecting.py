"""`desk connect email` against a real Dovecot and a real SMTP server: what works and every way it can fail."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.cli.program import Program
from tests.servers.common import PASSWORD, eventually, free_port
from tests.servers.dovecot import Dovecot
from tests.servers.patience import Deadline
from tests.servers.smtp import SmtpRelay


@pytest.fixture
def address(new_user: Callable[..., str]) -> str:
    return new_user("support")


@pytest.fixture
def options(dovecot: Dovecot, smtp: SmtpRelay, address: str) -> dict[str, str]:
    """What connects, as options."""
    return {
        "--address": address,
        "--name": "support",
        "--display-name": "Support",
        "--imap": f"localhost:{dovecot.imaps_port}",
        "--smtp": f"localhost:{smtp.port}",
        "--smtp-security": "starttls",
        "--ca-file": str(dovecot.ca_file),
    }


def arguments(options: dict[str, str], **others: str) -> list[str]:
    merged = {**options, **{f"--{name.replace('_', '-')}": value for name, value in others.items()}}
    return ["connect", "email", *(part for pair in merged.items() for part in pair)]


def failed(checks: list[dict[str, str]]) -> str:
    """The words of what failed, hints included."""
    return "\n".join(f"{c['what']}: {c['message']} {c['hint']}" for c in checks if c["status"] == "failed")


def test_a_mailbox_is_connected_and_its_mail_arrives(
    desk: Program, options: dict[str, str], address: str, dovecot: Dovecot
) -> None:
    done = desk.ok(*arguments(options), "--password-stdin", "--json", stdin=f"{PASSWORD}\n").json()
    assert done["connected"] is True
    assert done["name"] == "support"
    assert {check["status"] for check in done["checks"]} <= {"ok", "warning"}
    text = desk.home.settings.read_text()
    assert address in text
    assert PASSWORD not in text.replace(address, "")
    dovecot.deliver(b"From: Ann <ann@elsewhere.test>\r\nSubject: hello there\r\n\r\nHi!\r\n", address)
    eventually(lambda: "hello there" in desk.ok("list").out, 20, what="the mail in the inbox")


def test_a_dry_run_writes_nothing(desk: Program, options: dict[str, str]) -> None:
    ended = desk.ok(*arguments(options), "--dry-run", DESK_PASSWORD=PASSWORD)
    assert "nothing was written" in ended.out
    assert not desk.home.settings.exists()
    assert desk.ok("status", "--json").json()["accounts"] == []


def test_the_password_may_come_from_a_command(desk: Program, options: dict[str, str]) -> None:
    done = desk.ok(*arguments(options, password_cmd=f"printf '%s' {PASSWORD}"), "--json").json()
    assert done["connected"] is True
    assert "password_cmd" in desk.home.settings.read_text()


class TestWhatCanFail:
    def connect(self, desk: Program, options: dict[str, str], password: str = PASSWORD, **others: str) -> str:
        ended = desk(*arguments(options, **others), "--json", DESK_PASSWORD=password)
        assert ended.code == 1
        assert ended.json()["connected"] is False
        assert ended.problem()["code"] == "checks-failed"
        assert not desk.home.settings.exists()
        return failed(ended.json()["checks"])

    def test_wrong_password(self, desk: Program, options: dict[str, str]) -> None:
        assert re.search(r"login|password", self.connect(desk, options, "wrong"))

    def test_nothing_listens(self, desk: Program, options: dict[str, str]) -> None:
        assert "refused" in self.connect(desk, options, imap=f"localhost:{free_port()}")

    def test_no_such_host(self, desk: Program, options: dict[str, str]) -> None:
        assert "could not be resolved" in self.connect(desk, options, imap="mail.does-not-exist.invalid")

    def test_an_authority_nobody_trusts(self, desk: Program, options: dict[str, str]) -> None:
        without = {name: value for name, value in options.items() if name != "--ca-file"}
        assert "self-signed or from an authority" in self.connect(desk, without)

    def test_a_certificate_for_another_name(self, desk: Program, options: dict[str, str]) -> None:
        with Dovecot(certificate="wrong-host") as elsewhere:
            words = self.connect(
                desk, options, imap=f"localhost:{elsewhere.imaps_port}", ca_file=str(elsewhere.ca_file)
            )
        assert "for another name" in words

    def test_plain_text_on_a_tls_port(self, desk: Program, options: dict[str, str], dovecot: Dovecot) -> None:
        assert "TLS" in self.connect(desk, options, imap=f"localhost:{dovecot.imap_port}", imap_security="tls")

    def test_no_such_folder(self, desk: Program, options: dict[str, str]) -> None:
        assert "Nowhere" in self.connect(desk, options, folder="Nowhere")

    def test_values_that_make_no_sense(self, desk: Program, options: dict[str, str]) -> None:
        assert "after_store" in self.connect(desk, options, after_store="burn")

    def test_in_plain_words(self, desk: Program, options: dict[str, str]) -> None:
        ended = desk(*arguments(options), DESK_PASSWORD="wrong")
        assert ended.code == 1
        assert re.search(r"^failed +\S", ended.out, re.MULTILINE)
        assert "→" in ended.out
        assert "is not connected" in ended.err


def test_without_a_password_nothing_is_tried(desk: Program, options: dict[str, str]) -> None:
    ended = desk(*arguments(options), "--json")
    assert ended.code == 1
    assert ended.problem()["code"] == "no-secret"


def test_tokens_come_from_a_command(desk: Program) -> None:
    line = ["connect", "email", "--address", "a@example.test", "--imap", "localhost:1", "--smtp", "localhost:1"]
    ended = desk(*line, "--auth", "xoauth2", DESK_PASSWORD="x")
    assert ended.code == 2
    assert "--password-cmd" in ended.err
    told = desk(*line, "--auth", "xoauth2", "--password-cmd", "echo token", "--dry-run")
    assert told.code == 1
    assert "refused the connection" in told.err


def test_a_script_must_name_the_mailbox(desk: Program) -> None:
    assert desk("connect", "email").code == 2


class Dialogue:
    """The program on a terminal of its own."""

    def __init__(self, ours: int) -> None:
        self._ours = ours
        self.seen = ""

    def expect(self, text: str, seconds: float = 30) -> None:
        """Wait until the text has been shown since the last answer."""
        start, deadline = self._mark, Deadline(seconds)
        while text not in self.seen[start:]:
            assert not deadline.passed(), f"never shown: {text!r}\n{self.seen}"
            if select.select([self._ours], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self._ours, 65536).decode(errors="replace")
                except OSError:
                    break
        assert text in self.seen[start:]

    def answer(self, text: str) -> None:
        self._mark = len(self.seen)
        os.write(self._ours, text.encode() + b"\n")

    _mark = 0


@contextmanager
def dialogue(desk: Program, *given: str) -> Iterator[tuple[Dialogue, subprocess.Popen[bytes]]]:
    ours, theirs = pty.openpty()
    environment = {**desk.environment, "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(
        desk.command(*given), stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    ) as running:
        os.close(theirs)
        try:
            yield Dialogue(ours), running
        finally:
            running.kill()
            os.close(ours)


def test_a_person_is_asked_and_may_correct_one_value(
    desk: Program, address: str, dovecot: Dovecot, smtp: SmtpRelay
) -> None:
    given = ["connect", "email", "--ca-file", str(dovecot.ca_file), "--smtp-security", "starttls"]
    with dialogue(desk, *given) as (person, running):
        person.expect("Address customers write to")
        person.answer("nonsense")
        person.expect("is no mail address")
        person.answer(address)
        person.expect("Name customers see")
        person.answer("Our Shop")
        person.expect("IMAP server")
        person.answer(f"localhost:{free_port()}")
        person.expect("SMTP server")
        person.answer(f"localhost:{smtp.port}")
        person.expect("not shown")
        person.answer(PASSWORD)
        person.expect("refused the connection")
        person.expect("Change which?")
        person.answer("imap")
        person.expect("HOST or HOST:PORT")
        person.answer(f"localhost:{dovecot.imaps_port}")
        person.expect("connected as")
        assert running.wait(30) == 0
        assert PASSWORD not in person.seen.replace("secret:", "")  # what the keyring check is called
    assert "Our Shop" in desk.home.settings.read_text()


def test_a_person_may_give_up(desk: Program, address: str, smtp: SmtpRelay) -> None:
    given = ["connect", "email", "--address", address, "--display-name", "Shop"]
    with dialogue(desk, *given, "--imap", f"localhost:{free_port()}", "--smtp", f"localhost:{smtp.port}") as (
        person,
        running,
    ):
        for _ in range(2):
            person.expect(" server")
            person.answer("")
        person.expect("not shown")
        person.answer("whatever")
        person.expect("Change which?")
        person.answer("q")
        assert running.wait(30) == 130
    assert not desk.home.settings.exists()
