"""The command line's small parts: times, columns, names, guesses."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import click
import pytest

from desk.accounts.guess import servers
from desk.accounts.mail import MailAccount, split_port
from desk.cli.failures import Exit, from_status
from desk.cli.files import safe_name, write_new
from desk.cli.importing import progress
from desk.cli.output import Column, Output, Styled, cells, shorten
from desk.cli.thread import body_lines
from desk.cli.times import relative, span
from desk.cli.writing import parse_addresses
from desk.clock import DAY, HOUR, MINUTE, SECOND
from desk.model import Address, Fold, ImportJob
from desk.times import parse_until

NOW = int(datetime(2026, 3, 4, 15, 0).timestamp() * 1000)
"""A Wednesday afternoon, in whatever zone the tests run."""


COLUMNS = (Column("id", right=True), Column("subject", flexible=True))


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Output:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Output(Screen())


def shown(output: Output) -> str:
    stream: Any = output.stream
    return str(stream.getvalue())


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "at"),
        [
            ("90min", NOW + 90 * MINUTE),
            ("2h", NOW + 2 * HOUR),
            ("1w", NOW + 7 * DAY),
            ("tomorrow", int(datetime(2026, 3, 5, 9).timestamp() * 1000)),
            ("monday", int(datetime(2026, 3, 9, 9).timestamp() * 1000)),
            ("Wednesday", int(datetime(2026, 3, 11, 9).timestamp() * 1000)),
            ("16:30", int(datetime(2026, 3, 4, 16, 30).timestamp() * 1000)),
            ("9:05", int(datetime(2026, 3, 5, 9, 5).timestamp() * 1000)),
            ("2026-05-01", int(datetime(2026, 5, 1, 9).timestamp() * 1000)),
            ("2026-05-01T10:00", int(datetime(2026, 5, 1, 10).timestamp() * 1000)),
        ],
    )
    def test_what_people_write(self, text: str, at: int) -> None:
        assert parse_until(text, NOW) == at

    @pytest.mark.parametrize("text", ["", "soon", "2 parsecs", "25:00", "2020-01-01", "0h"])
    def test_what_is_no_time_to_come(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"past|is no time"):
            parse_until(text, NOW)

    def test_lengths(self) -> None:
        assert [span(length) for length in (0, 5 * SECOND, 3 * HOUR, 2 * DAY)] == ["now", "5 s", "3 h", "2 d"]
        assert relative(NOW - HOUR, NOW) == "1 h ago"
        assert relative(NOW + 5 * MINUTE, NOW) == "in 5 min"


class TestOutput:
    def test_a_table_fits_a_terminal(self, screen: Output) -> None:
        screen.table(
            (Column("id", right=True), Column("subject", flexible=True)), [("7", "x" * 100), ("12", "日本" * 30)]
        )
        lines = shown(screen).replace("\x1b[2m", "").replace("\x1b[0m", "").splitlines()
        assert [cells(line) <= 40 for line in lines] == [True] * 3
        assert lines[1].startswith(" 7  xxx")
        assert lines[2].endswith("…")

    def test_elsewhere_nothing_is_shortened(self) -> None:
        plain = Output(io.StringIO())
        plain.table(
            (Column("id"), Column("subject", flexible=True)), [("7", "x" * 300), ("8", Styled("tab\there", "red"))]
        )
        assert shown(plain) == f"7\t{'x' * 300}\n8\ttab here\n"

    def test_colours_follow_the_terminal_and_no_color(self, screen: Output, monkeypatch: pytest.MonkeyPatch) -> None:
        screen.line(Styled("red", "red"))
        assert shown(screen) == "\x1b[31mred\x1b[0m\n"
        monkeypatch.setenv("NO_COLOR", "1")
        bare = Output(Screen())
        bare.line(Styled("red", "red"))
        assert shown(bare) == "red\n"

    def test_escapes_become_visible(self, screen: Output) -> None:
        hostile = "\x1b]52;c;aGk=\x07\x9b2J\u202eevil"
        screen.line(hostile, Styled(hostile, "bold"))
        screen.text(hostile)
        screen.status(hostile)
        screen.json({"subject": hostile})
        screen.table((Column("subject"),), [(hostile,)])
        ours = {"\x1b[1m", "\x1b[2m", "\x1b[0m", "\x1b[K"}
        rest = shown(screen)
        for sequence in ours:
            rest = rest.replace(sequence, "")
        assert not set(rest) & {"\x1b", "\x07", "\x9b", "\u202e"}

    def test_width_counts_cells(self) -> None:
        assert cells("日本") == 4
        assert cells("e\u0301") == 1
        assert shorten("日本語", 5) == "日本…"
        assert shorten("abc", 3) == "abc"


class TestNames:
    @pytest.mark.parametrize(
        ("given", "safe"),
        [
            ("../../etc/passwd", "_.._etc_passwd"),
            (".bashrc", "bashrc"),
            ("a\x1b[2Jb.png", "a␛[2Jb.png"),
            ("", "attachment"),
            ("..", "attachment"),
            ("C:\\x.exe", "C__x.exe"),
        ],
    )
    def test_a_senders_name_cannot_leave_the_folder(self, given: str, safe: str) -> None:
        assert safe_name(given) == safe

    def test_long_names_keep_their_ending(self) -> None:
        assert safe_name("n" * 500 + ".pdf").endswith(".pdf")
        assert len(safe_name("n" * 500)) <= 141

    def test_files_are_never_overwritten(self, tmp_path: Any) -> None:
        paths = [write_new(tmp_path, "a.txt", data) for data in (b"one", b"two")]
        assert [path.name for path in paths] == ["a.txt", "a-1.txt"]
        assert paths[0].read_bytes() == b"one"

    def test_addresses(self) -> None:
        assert parse_addresses(("Ann <ann@example.org>, bob@example.org",)) == (
            Address(name="Ann", email="ann@example.org"),
            Address(email="bob@example.org"),
        )
        for bad in ("nobody", "a@", "a b@example.org"):
            with pytest.raises(click.BadParameter):
                parse_addresses((bad,))


class TestAccounts:
    def test_ports_and_security_go_together(self) -> None:
        account = MailAccount(address="help@shop.example", imap="imap.shop.example:143", smtp="[::1]:587")
        account.complete()
        table = account.table()
        assert account.name == "help"
        assert table["imap"] == {"host": "imap.shop.example", "port": 143, "security": "starttls"}
        assert table["smtp"] == {"host": "::1", "port": 587, "security": "starttls"}

    def test_bad_ports(self) -> None:
        assert split_port("mail.example") == ("mail.example", None)
        for bad in ("mail.example:x", "mail.example:99999"):
            with pytest.raises(ValueError, match="is no port"):
                split_port(bad)

    def test_well_known_providers_need_no_look_up(self) -> None:
        guessed = servers("shop@gmail.com")
        assert guessed.imap == "imap.gmail.com"
        assert guessed.options == {"sent_copy": "server"}


class TestFolds:
    BODY = "hello\n\n> one\n> two\n-- \nme"
    FOLDS = (Fold(kind="quote", start=2, end=4), Fold(kind="signature", start=4, end=6))

    def test_folded_lines_are_counted(self) -> None:
        assert list(body_lines(self.BODY, self.FOLDS)) == [
            ("hello", False),
            ("", False),
            ("[quote: 2 lines]", True),
            ("[signature: 2 lines]", True),
        ]

    def test_nothing_is_lost_unfolded(self) -> None:
        assert "\n".join(line for line, _ in body_lines(self.BODY, self.FOLDS, full=True)) == self.BODY


def test_progress_says_what_it_knows() -> None:
    known = progress(ImportJob(total=1000, messages=250, seconds=1.0, quarantined=3))
    assert "250 of 1,000" in known
    assert "250/s" in known
    assert "0:03 left" in known
    assert "3 quarantined" in known
    assert progress(ImportJob(messages=10, seconds=0.0)) == "10 messages · 0/s"


def test_exit_codes_by_status() -> None:
    assert from_status(404, "not-found") is Exit.NOT_FOUND
    assert from_status(409, "taken") is Exit.LOST
    assert from_status(422, "not-empty") is Exit.FAILED
    assert from_status(409, "still-quarantined") is Exit.FAILED


def test_a_second_mailbox_does_not_take_the_first_ones_name() -> None:
    def named(address: str, **taken: str) -> str:
        account = MailAccount(address=address, imap="a", smtp="b")
        account.complete(taken)
        return account.name

    first, second = "support@example.org", "support@example.net"
    assert named(first) == named(first, support=first) == "support"
    assert named(second, support=first) == "support-example.net"
    assert named(second, support=first, **{"support-example.net": first}) == "support-example.net-2"


def test_a_servers_security_may_stand_behind_its_port() -> None:
    table = MailAccount(address="a@b.c", imap="mail.b.c tls", smtp="mail.b.c:2525 starttls").table()
    assert table["imap"] == {"host": "mail.b.c"}
    assert table["smtp"] == {"host": "mail.b.c", "port": 2525, "security": "starttls"}
    with pytest.raises(ValueError, match="not 'ssl'"):
        MailAccount(address="a@b.c", imap="mail.b.c ssl").table()
