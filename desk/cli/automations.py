"""`desk automations …`: what Desk does by itself once so much time has gone by."""

from __future__ import annotations

import click

from desk.cli.command import Desk, command
from desk.cli.output import Column, Styled
from desk.cli.rules import tell_trials
from desk.clock import HOUR
from desk.model import AutomationInfo

_LISTED = (
    Column("automation"),
    Column("after"),
    Column("when", flexible=True),
    Column("does", flexible=True),
    Column("acted", right=True),
)


@click.group("automations")
def automations() -> None:
    """What Desk does by itself as time goes by.

    See docs/rules.md.

    `desk rules why` and `desk rules undo` tell of what they did and take it back.
    """


@command("list")
async def list_(desk: Desk) -> None:
    """The automations of `desk.toml`; how often each acted in the last seven days."""
    known = await desk.client.automations()
    desk.show(known, lambda: desk.out.table(_LISTED, [_row(each) for each in known]))


@command("try")
@click.argument("name", required=False, default="")
@click.option("--days", type=click.FloatRange(0.01, 366), default=7.0, show_default=True, help="How far back.")
async def try_(desk: Desk, name: str, days: float) -> None:
    """What they, or one, would have done lately. Nothing is changed; conversations are judged as they are now."""
    trials = await desk.client.try_automations(name, days=days)
    desk.show(trials, lambda: tell_trials(desk, trials))


def _row(each: AutomationInfo) -> tuple[str | Styled, ...]:
    after = f"{each.after / HOUR:g} h after {each.on}" if each.after else each.on
    return each.name, after, each.when, " · ".join(each.do), Styled(str(each.acted) if each.enabled else "off", "dim")


for _each in (list_, try_):
    automations.add_command(_each)
