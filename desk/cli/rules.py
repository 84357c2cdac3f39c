"""`desk rules …`: what Desk does by itself with what customers write."""

from __future__ import annotations

from collections.abc import Sequence

import click

from desk.cli.command import ID, Desk, command
from desk.cli.output import Column, Styled
from desk.cli.times import relative
from desk.clock import SystemClock, iso
from desk.model import Decision, RuleInfo, Trial, Tried

_LISTED = (
    Column("rule"),
    Column("on"),
    Column("when", flexible=True),
    Column("does", flexible=True),
    Column("acted", right=True),
)
_TRIED = (Column("rule"), Column("asked", right=True), Column("fits", right=True), Column("would change", right=True))
_DECIDED = (Column("when"), Column("by"), Column("what", flexible=True))


@click.group("rules")
def rules() -> None:
    """What Desk does by itself with what comes in, and why.

    See docs/rules.md."""


@command("list")
async def list_(desk: Desk) -> None:
    """The rules of `desk.toml`, in the order in which they are asked; how often each acted in the last seven days."""
    known = await desk.client.rules()
    desk.show(known, lambda: desk.out.table(_LISTED, [_row(each) for each in known]))


@command("try")
@click.argument("name", required=False, default="")
@click.option("--days", type=click.FloatRange(0.01, 366), default=7.0, show_default=True, help="How far back.")
async def try_(desk: Desk, name: str, days: float) -> None:
    """What the rules, or one, would have done with what came in lately. Nothing is changed.

    Rules that are switched off are tried too. Fields such as queue: are judged as they are now.
    """
    trials = await desk.client.try_rules(name, days=days)
    desk.show(trials, lambda: tell_trials(desk, trials))


@command("why")
@click.argument("id", type=ID)
async def why(desk: Desk, id: int) -> None:
    """What Desk did to a conversation by itself in the last seven days, and why."""
    found = await desk.client.decisions(id)
    now = SystemClock().now()

    def row(each: Decision) -> tuple[str, str, Styled]:
        back = " (taken back)" if each.undone_at else ""
        return relative(each.at, now), each.name, Styled(f"{each.words}{back}", "dim" if each.undone_at else "")

    desk.show(found, lambda: desk.out.table(_DECIDED, [row(each) for each in found]))


@command("undo")
@click.argument("id", type=ID)
@click.argument("name", required=False, default="")
async def undo(desk: Desk, id: int, name: str) -> None:
    """Take back what Desk did last to a conversation, or what NAME did, such as `rule refunds`; it does not do it there
    again. What somebody changed since stays.
    """
    undone = await desk.client.undo_decision(id, name)

    def text() -> None:
        desk.out.line(f"undone: {undone.label}")
        for left in undone.left:
            desk.out.line(Styled(left.said, "dim"))

    desk.show(undone, text)


def _row(each: RuleInfo) -> tuple[str, str, str, str, Styled]:
    does = " · ".join(each.do) + (" · stop" if each.stop else "")
    return each.name, each.on, each.when, does, Styled(str(each.acted) if each.enabled else "off", "dim")


def tell_trials(desk: Desk, trials: Sequence[Trial]) -> None:
    """What each would have done, with the newest examples."""
    desk.out.table(_TRIED, [(each.name, f"{each.asked:,}", f"{each.fits:,}", f"{each.changes:,}") for each in trials])
    for trial in trials:
        if trial.examples:
            desk.out.line()
            desk.out.line(Styled(trial.name, "bold"), ", the newest:")
        for each in trial.examples:
            desk.out.line(
                Styled(f"  #{each.conversation_id} ", "bold"),
                f"{each.subject}  ",
                Styled(f"{_would(each)}; because {each.because}", "dim"),
            )


def _would(each: Tried) -> str:
    """What would have been done, and when if it is mail; or what would have kept it back."""
    if not each.to and not each.held:
        return each.words or "is so already"
    at = iso(each.at)[:16].replace("T", " ")
    if each.words:
        return f"{at} UTC {each.words}{f' (kept back before: {each.held})' if each.held else ''}"
    return f"no mail to {each.to or 'anybody'}: {each.held}"


for _each in (list_, try_, why, undo):
    rules.add_command(_each)
