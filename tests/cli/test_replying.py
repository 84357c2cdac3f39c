"""`desk reply`, `compose`, `undo`, `outbox` with a real mailbox behind: what is said is what the customer gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.servers.common import eventually
from tests.servers.desk import DeskServer, email_account, password
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay


@dataclass
class World:
    desk: Program
    dovecot: Dovecot
    smtp: SmtpRelay
    shop: str
    customer: str

    def write_in(self, subject: str, body: str = "Can you help?", **headers: str) -> bytes:
        """The customer writes."""
        mail = EmailMessage()
        mail["From"] = f"Cora Customer <{self.customer}>"
        mail["To"] = self.shop
        mail["Subject"] = subject
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(body)
        self.dovecot.deliver(mail.as_bytes(), self.shop, sender=self.customer)
        return mail.as_bytes()

    def conversation(self, subject: str) -> int:
        """Its number, as soon as it is there."""

        def find() -> int:
            items = self.desk.ok("list", "--view", "all", "--json").json()["items"]
            return next((int(item["id"]) for item in items if item["subject"] == subject), 0)

        return eventually(find, 20, every=0.2, what=f"a conversation about {subject!r}")

    def sent(self, message_id: str) -> EmailMessage:
        """What the SMTP server took under that Message-ID."""
        (found,) = [each for each in self.smtp.deliveries() if message_id in each.message_id]
        return BytesParser(policy=policy.default).parsebytes(found.content)  # type: ignore[return-value]


@pytest.fixture
def world(
    new_desk: Callable[..., DeskServer], dovecot: Dovecot, smtp: SmtpRelay, new_user: Callable[..., str]
) -> World:
    shop, customer = new_user("support"), new_user("customer")
    server = new_desk(email_account("support", shop, dovecot, smtp), environment=password("support"))
    return World(Program(server.start().home), dovecot, smtp, shop, customer)


def test_an_answer_reaches_the_customer_in_the_right_thread(world: World, tmp_path: Path) -> None:
    world.write_in("Broken kettle", Message_ID="<kettle@elsewhere.test>")
    id = world.conversation("Broken kettle")
    (tmp_path / "größe.txt").write_text("twelve")
    item = world.desk.ok(
        *("reply", str(id), "--now", "--wait", "30", "--quote", "--attach", str(tmp_path / "größe.txt"), "--json"),
        stdin="Of course.\nGrüße\n",
    ).json()
    assert item["state"] == "sent"
    mail = world.sent(item["rfc_message_id"])
    assert mail["In-Reply-To"] == "<kettle@elsewhere.test>"
    assert mail["To"].addresses[0].addr_spec == world.customer
    text = mail.get_body(("plain",))
    assert text is not None
    lines = text.get_content().splitlines()
    assert lines[:2] == ["Of course.", "Grüße"]
    assert "> Can you help?" in lines
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content().strip()) == ("größe.txt", "twelve")
    shown = world.desk.ok("show", str(id), "--json").json()
    assert shown["conversation"]["state"] == "waiting"
    assert shown["messages"][-1]["outbox_state"] == "sent"


def test_undo_within_the_window(world: World) -> None:
    world.write_in("Too quick")
    id = world.conversation("Too quick")
    held = world.desk.ok("reply", str(id), "--body", "Wait a moment", "--json").json()
    assert held["state"] == "held"
    assert world.desk.ok("outbox", "--state", "held", "--json").json()[0]["id"] == held["id"]
    draft = world.desk.ok("undo", str(held["id"]), "--json").json()
    assert draft["content"]["body"] == "Wait a moment"
    late = world.desk("undo", str(held["id"]), "--json")
    assert late.code == 5
    assert late.problem()["code"] == "too-late"


def test_a_refused_recipient_is_told_and_can_be_retried(world: World) -> None:
    world.write_in("Ghost story")
    id = world.conversation("Ghost story")
    ended = world.desk(
        "reply", str(id), "--to", "ghost@elsewhere.test", "--body", "Boo", "--now", "--wait", "30", "--json"
    )
    assert ended.code == 1
    assert ended.json()["state"] == "failed"
    assert "no such user" in ended.problem()["message"]
    (failed,) = world.desk.ok("outbox", "--state", "failed", "--json").json()
    assert "tried again" in world.desk.ok("outbox", "retry", str(failed["id"])).out
    assert world.desk("outbox", "retry", "99999").code == 4


def test_what_the_rep_has_not_seen_stops_the_answer(world: World) -> None:
    world.write_in("Moving", Message_ID="<move-1@elsewhere.test>")
    id = world.conversation("Moving")
    first = world.desk.ok("show", str(id), "--json").json()["messages"][0]["id"]
    world.write_in("Re: Moving", "Never mind!", In_Reply_To="<move-1@elsewhere.test>")
    eventually(
        lambda: len(world.desk.ok("show", str(id), "--json").json()["messages"]) == 2, 20, every=0.2, what="the second"
    )
    lost = world.desk("reply", str(id), "--body", "Here you go", "--seen", str(first), "--json")
    assert lost.code == 5
    assert lost.problem()["code"] == "moved-on"


def test_a_conversation_begun_by_us(world: World) -> None:
    item = world.desk.ok(
        *(
            "compose",
            "support",
            "--to",
            f"Cora <{world.customer}>",
            "--subject",
            "Your order",
            "--body",
            "It is ready.",
        ),
        *("--now", "--wait", "30", "--json"),
    ).json()
    assert item["state"] == "sent"
    assert world.sent(item["rfc_message_id"])["Subject"] == "Your order"
    assert world.desk("compose", "support", "--subject", "x", "--body", "y").code == 2


def test_mistakes_in_addresses_send_nothing(world: World) -> None:
    world.write_in("Typing")
    id = world.conversation("Typing")
    assert world.desk("reply", str(id), "--to", "not an address", "--body", "x").code == 2
    assert world.desk.ok("outbox").out == ""


def test_doctor_checks_the_account(world: World) -> None:
    checks = world.desk.ok("doctor", "--json").json()
    assert {"program", "SQLite", "workspace", "desk.toml", "socket", "store"} <= {check["what"] for check in checks}
    assert any("account support" in check["what"] for check in checks)
