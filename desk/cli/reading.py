"""`desk list`, `show`, `search`, `counts`: looking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from desk.cli.command import ID, Desk, command
from desk.cli.failures import Exit, Failure
from desk.cli.output import Column, Styled, cells
from desk.cli.times import local, relative
from desk.clock import Millis, SystemClock
from desk.model import Conversation, View, ViewInfo

if TYPE_CHECKING:
    from desk.cli.output import Output, Piece

COLUMNS = (
    Column("id", right=True),
    Column("state"),
    Column("customer", flexible=True),
    Column("subject", flexible=True),
    Column("n", right=True),
    Column("rep", flexible=True),
    Column("due"),
    Column("last"),
)
_STATE_STYLES = {"open": "green", "waiting": "blue", "snoozed": "cyan", "resolved": "dim", "spam": "dim"}
_PRIORITY_STYLES = {"urgent": "red bold", "high": "yellow"}


@contextmanager
def pointing_at(query: str) -> Iterator[None]:
    """Show under a query that is refused which word is meant."""
    from desk.client import Refused

    try:
        yield
    except Refused as refused:
        problem = refused.problem
        if problem.code != "bad-query":
            raise
        start, end = int(problem.detail["start"]), int(problem.detail["end"])
        mark = " " * cells(query[:start]) + "^" * max(cells(query[start:end]), 1)
        hint = f"{query}\n{mark}"
        raise Failure(
            problem.message, code=problem.code, exit=Exit.USAGE, detail=problem.detail, hint=hint
        ) from refused


def moment(at: Millis | None, now: Millis, out: Output) -> str:
    """An instant for a column: relative on a terminal, exact elsewhere, empty for None."""
    if at is None:
        return ""
    return relative(at, now) if out.tty else local(at)


def row(conversation: Conversation, now: Millis, out: Output) -> tuple[Piece, ...]:
    """A conversation under `COLUMNS`."""
    overdue = conversation.due_at is not None and conversation.due_at < now
    return (
        str(conversation.id),
        Styled(conversation.state, _STATE_STYLES.get(conversation.state, "")),
        conversation.customer_name or conversation.customer_address,
        Styled(conversation.subject or "(no subject)", _PRIORITY_STYLES.get(conversation.priority, "")),
        str(conversation.messages),
        conversation.assignee_name or "",
        Styled(moment(conversation.due_at, now, out), "red" if overdue else ""),
        Styled(moment(conversation.last_at, now, out), "dim"),
    )


@command("list")
@click.option("--view", default="open", show_default=True, help="A name that `desk views` lists.")
@click.option("--query", "-q", default="", help="Only what matches, in the search language (docs/search.md).")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Skip that many from the top.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
async def list_(desk: Desk, view: View, query: str, offset: int, limit: int) -> None:
    """Conversations of a view, the most urgent first.

    \b
    desk list --view mine --query 'is:unread priority:urgent'
    desk list --view queue:Returns -q 'from:ada -tag:refund after:monday'
    """
    with pointing_at(query):
        page = await desk.client.conversations(view, query, offset=offset, limit=limit)
    now = SystemClock().now()

    def text() -> None:
        desk.out.table(COLUMNS, [row(conversation, now, desk.out) for conversation in page.items])
        rest = page.total - page.offset - len(page.items)
        if desk.out.tty and not page.items:
            desk.out.line(f"nothing in {view}")
        elif desk.out.tty and rest > 0:
            desk.out.line(
                Styled(
                    f"{rest}{'' if page.exact else ' or'} more; --offset {page.offset + len(page.items)} goes on", "dim"
                )
            )

    desk.show(page, text)


@command("views")
async def views(desk: Desk) -> None:
    """All views with how many conversations each holds.

    The built-in ones, channels, queues, and those of [views] in desk.toml.
    """
    listed = await desk.client.views()
    columns = (Column("view"), Column("conversations", right=True), Column("unread", right=True), Column("query"))

    def row(view: ViewInfo) -> tuple[Piece, ...]:
        count = f"{view.count}{'' if view.exact else '+'}"
        return view.name, count, str(view.unread or ""), view.problem or view.query

    desk.show(listed, lambda: desk.out.table(columns, [row(view) for view in listed]))


@command("counts")
async def counts(desk: Desk) -> None:
    """How many conversations each view holds."""
    held = await desk.client.counts()
    columns = (Column("view"), Column("conversations", right=True))
    desk.show(held, lambda: desk.out.table(columns, [(view, str(count)) for view, count in held.items()]))


@command("search")
@click.argument("query", nargs=-1, required=True)
@click.option("--before", type=ID, help="Go on below this place: `next_before` of the page before.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
async def search(desk: Desk, query: tuple[str, ...], before: int | None, limit: int) -> None:
    """Find conversations by their words, people and files.

    All words must occur; "a phrase" in that order, pre* as a beginning, -word not at all. Fields are from: to:
    subject: tag: queue: assignee: state: channel: priority: policy: customer: language: rating: before: after:
    has:attachment and is:unread, mine, unassigned, due, late, mentioned, failed, third-party; `or` and parentheses
    combine. See docs/search.md.
    Put -- before a query that begins with a dash.
    """
    wanted = " ".join(query)
    with pointing_at(wanted):
        page = await desk.client.search(wanted, before=before, limit=limit)
    now = SystemClock().now()
    columns = (
        Column("id", right=True),
        Column("customer", flexible=True),
        Column("subject", flexible=True),
        Column("excerpt", flexible=True),
        Column("at"),
    )

    def text() -> None:
        rows = [
            (
                str(hit.conversation.id),
                hit.conversation.customer_name or hit.conversation.customer_address,
                hit.conversation.subject,
                hit.excerpt,
                Styled(moment(hit.at, now, desk.out), "dim"),
            )
            for hit in page.hits
        ]
        desk.out.table(columns, rows)
        if desk.out.tty and not rows:
            desk.out.line("nothing found")
        elif desk.out.tty and page.next_before is not None:
            desk.out.line(Styled(f"more: --before {page.next_before}", "dim"))

    desk.show(page, text)


@command("show")
@click.argument("id", type=ID)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="The newest messages only.")
@click.option("--before", type=ID, help="Only messages below this message id.")
@click.option("--full", is_flag=True, help="Unfold quotes and signatures.")
async def show(desk: Desk, id: int, limit: int, before: int | None, full: bool) -> None:
    """One conversation with its messages."""
    from desk.cli.thread import write_conversation

    conversation = await desk.client.conversation(id)
    messages = await desk.client.messages(id, before=before, limit=limit)
    value = {"conversation": conversation, "messages": messages}
    desk.show(value, lambda: write_conversation(desk.out, conversation, messages, full=full))
