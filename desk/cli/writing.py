"""`desk reply`, `compose`, `note`: what goes into a conversation from our side."""

from __future__ import annotations

from email.utils import getaddresses
from pathlib import Path
from typing import IO, Any

import click

from desk.cli.body import body_options, read_body
from desk.cli.command import ID, Desk, command
from desk.cli.failures import Exit, Failure
from desk.cli.output import Styled
from desk.clock import SECOND, SystemClock
from desk.model import Address, Message, NewReply, OutboxItem, OutboxState

_ON_ITS_WAY: tuple[OutboxState, ...] = ("held", "sending")


def mail_options(function: Any) -> Any:
    """What replies and new conversations have in common."""
    for option in (
        click.option("--wait", type=float, metavar="SECONDS", help="Wait until it is sent; exit code 1 if it is not."),
        click.option("--now", is_flag=True, help="Send at once, without the undo window."),
        click.option("--resolve", is_flag=True, help="Mark the conversation as done."),
        click.option(
            "--attach", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE"
        ),
        click.option("--subject", default="", help="Default: the conversation's."),
        click.option("--bcc", multiple=True, metavar="ADDRESS"),
        click.option("--cc", multiple=True, metavar="ADDRESS"),
        click.option("--to", multiple=True, metavar="ADDRESS", help='May be repeated; "Name <a@example.org>" is fine.'),
    ):
        function = option(function)
    return function


@command("reply")
@click.argument("id", type=ID)
@body_options
@mail_options
@click.option("--answer", metavar="KEY", help="Send this canned answer, filled; KEY as in `desk answers`.")
@click.option("--quote", is_flag=True, help="Quote the message answered below the text.")
@click.option("--seen", type=ID, metavar="MESSAGE", help="Refuse (exit code 5) if the customer wrote after this one.")
async def reply(
    desk: Desk,
    id: int,
    body: str | None,
    file: IO[str] | None,
    answer: str | None,
    quote: bool,
    seen: int | None,
    now: bool,
    wait: float | None,
    **mail: Any,
) -> None:
    """Answer the customer.

    The answer is stored, held for the undo window, then sent; `desk undo` takes it back while it is held.
    """
    if answer is not None and (body is not None or file is not None):
        raise click.UsageError("--answer excludes --body and --file")
    text = "" if answer is not None else read_body(body, file)
    new = await _new_reply(desk, text, quote=quote, seen_message_id=seen, **mail)
    if answer is not None:
        new = await _with_answer(desk, id, answer, new)
    await _tell(desk, await desk.client.reply(id, new, now=now), wait)


@command("compose")
@click.argument("account")
@body_options
@mail_options
async def compose(
    desk: Desk, account: str, body: str | None, file: IO[str] | None, now: bool, wait: float | None, **mail: Any
) -> None:
    """Begin a conversation by writing first.

    ACCOUNT is the name of the connected account to write from; `desk status` lists them.
    """
    if not mail["to"]:
        raise click.UsageError("say to whom: --to ADDRESS")
    message = await _new_reply(desk, read_body(body, file), **mail)
    await _tell(desk, await desk.client.compose(account, message, now=now), wait)


@command("note")
@click.argument("id", type=ID)
@body_options
async def note(desk: Desk, id: int, body: str | None, file: IO[str] | None) -> None:
    """Write what only reps see."""
    written: Message = await desk.client.note(id, read_body(body, file))
    desk.said(written, f"noted in #{written.conversation_id}")


def parse_addresses(texts: tuple[str, ...]) -> tuple[Address, ...]:
    """Mailboxes as typed (RFC 5322 section 3.4). Raises click.BadParameter for what is none."""
    parsed = []
    for name, email in getaddresses(list(texts)):
        local, at, domain = email.rpartition("@")
        if not (local and at and domain) or any(char.isspace() for char in email):
            raise click.BadParameter(f"{email or ', '.join(texts)!r} is no mail address")
        parsed.append(Address(email=email, name=name))
    return tuple(parsed)


async def _new_reply(
    desk: Desk,
    body: str,
    *,
    to: tuple[str, ...],
    cc: tuple[str, ...],
    bcc: tuple[str, ...],
    subject: str,
    attach: tuple[Path, ...],
    resolve: bool,
    quote: bool = False,
    seen_message_id: int | None = None,
) -> NewReply:
    return NewReply(
        body=body,
        subject=subject,
        to=parse_addresses(to),
        cc=parse_addresses(cc),
        bcc=parse_addresses(bcc),
        quote=quote,
        resolve=resolve,
        attachments=tuple([f"{await desk.client.upload(path.read_bytes())}:{path.name}" for path in attach]),
        seen_message_id=seen_message_id,
    )


async def _with_answer(desk: Desk, id: int, name: str, new: NewReply) -> NewReply:
    from msgspec.structs import replace

    from desk.cli.answers import fill

    filled = await fill(desk, name, id)
    attachments = (*filled.attachments, *new.attachments)
    return replace(new, body=filled.body, attachments=attachments, answers=(filled.key,))


async def _tell(desk: Desk, item: OutboxItem, wait: float | None) -> None:
    if wait is None:
        left = max(0, item.hold_until - SystemClock().now()) / SECOND
        held = f"leaves in {left:.0f} s; take it back with: desk undo {item.id}" if left >= 1 else "on its way"
        desk.said(item, f"#{item.conversation_id} answered, {held}")
        return
    done = await _settled(desk, item, wait)
    desk.said(done, f"#{item.conversation_id} ", Styled(done.state, "green" if done.state == "sent" else "red"))
    if done.state not in ("sent", "delivered", "read"):
        raise Failure(
            done.error or f"not sent within {wait:g} s; it is still {done.state}",
            code=done.state,
            exit=Exit.FAILED,
            hint="`desk outbox` shows it and what to do.",
        )


async def _settled(desk: Desk, item: OutboxItem, seconds: float) -> OutboxItem:
    """The item once it is neither held nor being sent, or as it is when the time is over."""
    import asyncio

    async def follow() -> OutboxItem:
        since = (await desk.client.status()).last_seq
        while (present := await _present(desk, item)).state in _ON_ITS_WAY:
            async for changes in desk.client.events(since):
                since = max([since, *(change.seq for change in changes)])
                if any(change.kind == "outbox" and change.id == item.id for change in changes):
                    break
        return present

    try:
        return await asyncio.wait_for(follow(), seconds)
    except TimeoutError:
        return await _present(desk, item)


async def _present(desk: Desk, item: OutboxItem) -> OutboxItem:
    newest = await desk.client.outbox(limit=1000)
    return next((found for found in newest if found.id == item.id), item)
