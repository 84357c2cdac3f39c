"""A chat whose visitor left goes on by mail and comes back: a real terminal, a real mailbox, a real mail server."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from email.message import EmailMessage, Message
from pathlib import Path

import pytest

from tests.e2e.test_calls import terminal
from tests.e2e.tmux import Tmux
from tests.screens.waiting import until
from tests.servers.desk import DeskServer, email_account, password
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay
from tests.web.visitors import SITE, address_of, browser

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

ONLY_A_SITE = SITE.split("[accounts.support]")[0].replace("port = 0", 'port = 0\nmail = "support"')


def answering(answer: Message, customer: str, text: str) -> bytes:
    """What a customer's mail program makes of their answer."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Ada <{customer}>", answer["From"]
    mail["Subject"] = answer["Subject"]
    mail["Message-ID"] = "<ada-1@elsewhere.test>"
    mail["In-Reply-To"] = mail["References"] = answer["Message-ID"]
    mail.set_content(text)
    return mail.as_bytes()


async def shows(rep: Tmux, *texts: str) -> None:
    """Wait for all of these, and let the visitor's browser go on meanwhile."""
    await asyncio.to_thread(rep.wait_for, lambda screen: all(text in screen for text in texts), seconds=60)


async def say(rep: Tmux, text: str, told: str) -> None:
    """Answer in the composer that is open, where it says this of the way it goes."""
    await shows(rep, told, "^j send")
    rep.type(text)
    await shows(rep, text)
    rep.press("C-j")


async def test_who_left_is_answered_by_mail_answers_it_and_comes_back(
    new_desk: Callable[..., DeskServer], own_dovecot: Dovecot, own_smtp: SmtpRelay, tmp_path: Path
) -> None:
    support, customer = own_dovecot.unique_user("support"), own_dovecot.unique_user("ada")
    mailbox = email_account("support", support, own_dovecot, own_smtp)
    server = new_desk(f"[desk]\nundo_seconds = 1\n{ONLY_A_SITE}{mailbox}", environment=password("support")).start()
    async with browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        await ada.done("me", {"name": "Ada", "email": customer})
        await ada.say("Where is my teapot?")
        with terminal(server, tmp_path, 80, 24) as rep:
            await shows(rep, "Where is my teapot?")
            rep.press("Enter")
            await shows(rep, "next to be answered")
            rep.press("r")
            await say(rep, "It comes tomorrow.", "this goes by mail to ada-")
            [answer] = await asyncio.to_thread(own_dovecot.mailbox(customer).wait)
            assert b"It comes tomorrow." in answer.raw
            own_dovecot.deliver(answering(answer.parsed, customer, "The door code is 4711."), support, sender=customer)
            await shows(rep, "The door code is 4711.")
            assert (await ada.visit()).said == ["Where is my teapot?", "It comes tomorrow."]
            async with ada.following():
                await ada.say("I am back.")
                await shows(rep, "I am back.")
                await say(rep, "So am I.", "the visitor reads it at once")
                await until(lambda: ada.said[2:] == ["I am back.", "So am I."], what="the answer on the site")
        [row] = (await client.conversations("all")).items
        assert [m.channel for m in await client.messages(row.id) if m.direction != "event"] == [
            "chat", "email", "email", "chat", "chat",
        ]  # fmt: skip
        assert len(own_smtp.deliveries()) == 1
