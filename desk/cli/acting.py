"""`desk next`, `claim`, `assign`, `transfer`, `resolve`, `reopen`, `snooze`, `spam`, `tag`: moving conversations on."""

from __future__ import annotations

import click

from desk.cli.command import ID, Desk, command
from desk.cli.failures import Exit, Failure
from desk.cli.times import local
from desk.clock import SystemClock
from desk.model import Conversation
from desk.times import parse_until

_REV = click.option("--rev", type=ID, help="Only if it is still at this revision (`rev`); else exit code 5.")


def _subject(conversation: Conversation) -> str:
    return conversation.subject or "(no subject)"


@command("claim")
@click.argument("id", type=ID)
async def claim(desk: Desk, id: int) -> None:
    """Make a conversation mine.

    Exit code 5 if somebody has it already. Safe to repeat.
    """
    taken = await desk.client.claim(id)
    desk.said(taken, f"#{id} is yours: {_subject(taken)}")


@command("next")
@click.option("--look", is_flag=True, help="Only tell what it is; leave it where it is.")
@click.option("--skip", type=ID, multiple=True, metavar="ID", help="Not this one; may be given several times.")
async def next_one(desk: Desk, look: bool, skip: tuple[int, ...]) -> None:
    """Take the most urgent conversation that I may and can do.

    Exit code 4 if there is none.
    """
    found = await (desk.client.look_next(skip) if look else desk.client.next(skip))
    if found is None:
        raise Failure("nothing waits that you may do and have room for", code="nothing-next", exit=Exit.NOT_FOUND)
    desk.said(found, f"#{found.id} is {'next' if look else 'yours'}: {_subject(found)}")


@command("assign")
@click.argument("id", type=ID)
@click.argument("rep", required=False)
@click.option("--nobody", is_flag=True, help="Put it back for anybody to claim.")
async def assign(desk: Desk, id: int, rep: str | None, nobody: bool) -> None:
    """Give a conversation to a rep, or to nobody."""
    if nobody == bool(rep):
        raise click.UsageError("name a rep, or say --nobody")
    given = await desk.client.assign(id, rep)
    desk.said(given, f"#{id} is with {given.assignee_name or 'nobody'}: {_subject(given)}")


@command("transfer")
@click.argument("id", type=ID)
@click.argument("rep", required=False)
@click.option("--queue", metavar="NAME", help="Into a queue, where it is nobody's.")
@click.option("--note", default="", help="Why; only reps see it.")
async def transfer(desk: Desk, id: int, rep: str | None, queue: str | None, note: str) -> None:
    """Hand a conversation over to a rep or a queue, with a note.

    The rep is told.
    """
    if bool(queue) == bool(rep):
        raise click.UsageError("name a rep, or a queue with --queue")
    given = await desk.client.transfer(id, agent=rep, queue=queue, note=note)
    where = given.assignee_name or f"nobody, in the queue {given.queue_name}"
    desk.said(given, f"#{id} is with {where}: {_subject(given)}")


@command("resolve")
@click.argument("id", type=ID)
@_REV
async def resolve(desk: Desk, id: int, rev: int | None) -> None:
    """Mark a conversation as done.

    A new message of the customer reopens it.
    """
    done = await desk.client.set_state(id, "resolved", rev=rev)
    desk.said(done, f"#{id} resolved: {_subject(done)}")


@command("reopen")
@click.argument("id", type=ID)
@_REV
async def reopen(desk: Desk, id: int, rev: int | None) -> None:
    """Put a conversation back among the open ones."""
    opened = await desk.client.set_state(id, "open", rev=rev)
    desk.said(opened, f"#{id} open: {_subject(opened)}")


@command("spam")
@click.argument("id", type=ID)
@_REV
async def spam(desk: Desk, id: int, rev: int | None) -> None:
    """Mark a conversation as spam."""
    marked = await desk.client.set_state(id, "spam", rev=rev)
    desk.said(marked, f"#{id} is spam: {_subject(marked)}")


@command("snooze")
@click.argument("id", type=ID)
@click.argument("until")
@_REV
async def snooze(desk: Desk, id: int, until: str, rev: int | None) -> None:
    """Hide a conversation until a time.

    UNTIL is 90min, 2h, 3d, 1w, tomorrow, monday, "fri 14:00", 14:30 or an ISO 8601 date or time.
    """
    try:
        at = parse_until(until, SystemClock().now())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="UNTIL") from error
    hidden = await desk.client.set_state(id, "snoozed", until=at, rev=rev)
    desk.said(hidden, f"#{id} snoozed until {local(at)}: {_subject(hidden)}")


@command("read")
@click.argument("id", type=ID)
@click.option("--not", "unread", is_flag=True, help="Make it unread again, to come back to it.")
async def read(desk: Desk, id: int, unread: bool) -> None:
    """Mark a conversation as read, or --not.

    For this rep only. A new message of the customer makes it unread again.
    """
    marked = await (desk.client.mark_unread(id) if unread else desk.client.mark_read(id))
    desk.said(marked, f"#{id} is {'unread' if marked.unread else 'read'}: {_subject(marked)}")


@command("tag")
@click.argument("id", type=ID)
@click.argument("tags", nargs=-1)
@click.option("--remove", "-r", multiple=True, metavar="TAG", help="Take a tag off; may be repeated.")
async def tag(desk: Desk, id: int, tags: tuple[str, ...], remove: tuple[str, ...]) -> None:
    """Add and remove tags."""
    if not (tags or remove):
        raise click.UsageError("name tags to add, or --remove TAG")
    tagged = await desk.client.tag(id, list(tags), list(remove))
    desk.said(tagged, f"#{id} tagged {', '.join(tagged.tags) or 'with nothing'}: {_subject(tagged)}")
