"""`desk visitors`, `desk invite`, `desk invitations`: who is on the sites, asking them, and what became of it."""

from __future__ import annotations

import click

from desk.cli.command import Desk, command
from desk.cli.output import Column, Styled
from desk.cli.times import local
from desk.model import InvitationCounts, TrailStep, VisitorNow


@command("visitors")
@click.option("--trail", "of", type=int, metavar="CONVERSATION", help="Where the visitor of a conversation was.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
async def visitors(desk: Desk, of: int | None, limit: int) -> None:
    """Who is on the shop's pages now, and where they were.

    Those who agreed to be seen, whoever came last first.
    """
    if of is not None:
        trail = await desk.client.trail(of, limit=limit)
        desk.show(trail, lambda: _trail(desk, trail.steps))
        return
    found = await desk.client.visitors_now(limit)
    desk.show(found, lambda: _now(desk, found))


@command("invite")
@click.argument("visitor", type=int)
@click.argument("text", default="")
async def invite(desk: Desk, visitor: int, text: str) -> None:
    """Ask a visitor whether they would like to chat.

    VISITOR is a number that `desk visitors` tells; they are asked with TEXT, or the greeting.
    """
    made = await desk.client.invite(visitor, text)
    desk.show(made, lambda: desk.out.line(Styled(f"asked: {made.text}", "green")))


@command("invitations")
@click.option("--days", type=click.IntRange(1, 10_000), default=30, show_default=True, help="How far back to look.")
async def invitations(desk: Desk, days: int) -> None:
    """What became of invitations to chat, by rule.

    Those by hand come last.
    """
    found = await desk.client.invitations(days)
    desk.show(found, lambda: _counts(desk, found, days))


@command("identity")
@click.argument("account")
async def identity(desk: Desk, account: str) -> None:
    """Make the secret by which the shop vouches for its customers.

    A new secret by which the shop vouches for its signed-in customers on the site ACCOUNT.

    It is shown this once: give it to the shop's server. The one before it stays good until the next is made.
    """
    secret, kept = await desk.client.renew_identity(account)
    desk.show({"secret": secret, "kept": kept}, lambda: _secret(desk, secret, kept))


def _secret(desk: Desk, secret: str, kept: str) -> None:
    desk.errors.line(kept)
    desk.out.line(secret)


def _now(desk: Desk, found: list[VisitorNow]) -> None:
    if not found:
        desk.errors.line("Nobody who agreed to be seen is there.")
        return
    columns = (
        Column("visitor", right=True),
        Column("who", flexible=True),
        Column("page", flexible=True),
        Column("since"),
        Column("pages", right=True),
        Column("cart", right=True),
        Column("invited"),
        Column("conversation", right=True),
    )
    desk.out.table(
        columns,
        [
            (
                str(each.visitor.id),
                each.customer or each.visitor.name,
                each.url,
                local(each.since),
                str(each.pages),
                "" if each.cart is None else f"{each.cart:.2f} {each.currency}".strip(),
                "" if each.invited == "none" else each.invited,
                str(each.conversation_id or ""),
            )
            for each in found
        ],
    )


def _trail(desk: Desk, steps: tuple[TrailStep, ...]) -> None:
    if not steps:
        desk.errors.line("Nothing is known of where they were.")
        return
    columns = (
        Column("at"),
        Column("what"),
        Column("seconds", right=True),
        Column("title", flexible=True),
        Column("page", flexible=True),
    )
    rows = [(local(each.at), each.kind, str(each.lasted // 1000), each.title, each.url) for each in steps]
    desk.out.table(columns, rows)


def _counts(desk: Desk, found: list[InvitationCounts], days: int) -> None:
    if not found:
        desk.errors.line(f"Nobody was invited in the last {days} days.")
        return
    names = ("shown", "accepted", "refused", "talked", "resolved", "rating")
    columns = (Column("rule"), *(Column(name, right=True) for name in names))
    desk.out.table(
        columns,
        [
            (
                each.rule or "(by hand)",
                *(str(number) for number in (each.shown, each.accepted, each.refused, each.talked, each.resolved)),
                "" if each.rating is None else f"{each.rating:.1f}",
            )
            for each in found
        ],
    )
