"""`desk refusals …`: who wants no automatic mail."""

from __future__ import annotations

import click

from desk.cli.command import Desk, command
from desk.cli.output import Column, Styled
from desk.cli.times import relative
from desk.clock import SystemClock
from desk.model import Refusal

_COLUMNS = (Column("address"), Column("when"), Column("by"), Column("wants"))


@click.group("refusals")
def refusals() -> None:
    """Who wants no automatic mail: what automations send.

    See docs/automations.md. Answers to what customers ask are not meant.
    """


@command("list")
async def list_(desk: Desk) -> None:
    """Addresses that refuse now, newest first."""
    _show(desk, await desk.client.refusals(limit=1_000))


@command("show")
@click.argument("address")
async def show(desk: Desk, address: str) -> None:
    """All that was said of an address, newest first."""
    _show(desk, await desk.client.refusal_history(address))


@command("set")
@click.argument("address")
async def set_(desk: Desk, address: str) -> None:
    """Note that a customer told you: no automatic mail to that address."""
    said = await desk.client.set_refusal(address, refuses=True)
    desk.show(said, lambda: desk.out.line(f"{said.address} gets no automatic mail"))


@command("clear")
@click.argument("address")
async def clear(desk: Desk, address: str) -> None:
    """Note that a customer told you: automatic mail to that address again."""
    said = await desk.client.set_refusal(address, refuses=False)
    desk.show(said, lambda: desk.out.line(f"{said.address} gets automatic mail again"))


def _show(desk: Desk, found: list[Refusal]) -> None:
    now = SystemClock().now()

    def row(each: Refusal) -> tuple[str | Styled, ...]:
        by = f"{each.source} ({each.agent_name})" if each.agent_name else each.source
        return each.address, relative(each.at, now), by, "none" if each.refuses else Styled("again", "dim")

    desk.show(found, lambda: desk.out.table(_COLUMNS, [row(each) for each in found]))


for _each in (list_, show, set_, clear):
    refusals.add_command(_each)
