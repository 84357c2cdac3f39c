"""`desk automations …`: what Desk does by itself once so much time has gone by."""

from __future__ import annotations

from typing import get_args

import click

from desk.cli.command import Desk, command
from desk.cli.output import Column, Styled
from desk.cli.rules import tell_trials
from desk.cli.times import relative
from desk.clock import SystemClock
from desk.model import AutoMail, AutoMailState, AutomationInfo
from desk.times import length

_LISTED = (
    Column("automation"),
    Column("after"),
    Column("when", flexible=True),
    Column("does", flexible=True),
    Column("acted", right=True),
)
_MAILS = (
    Column("id", right=True),
    Column("automation"),
    Column("conversation"),
    Column("to"),
    Column("when"),
    Column("what became of it", flexible=True),
)


@click.group("automations")
def automations() -> None:
    """What Desk does by itself as time goes by.

    See docs/rules.md, and docs/automations.md for mail.

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


@command("mails")
@click.argument("name", required=False, default="")
@click.option("--state", type=click.Choice(get_args(AutoMailState)), help="Only those.")
async def mails(desk: Desk, name: str, state: AutoMailState | None) -> None:
    """Their mail to customers, newest first: what became of it, or what keeps it back, and until when."""
    found = await desk.client.automatic_mails(state, name=name)
    now = SystemClock().now()
    desk.show(found, lambda: desk.out.table(_MAILS, [_mail(each, now) for each in found]))


@command("drop")
@click.argument("id", type=int)
async def drop(desk: Desk, id: int) -> None:
    """Let a mail that is planned or held not go; its ID is in the list of `mails`."""
    mail = await desk.client.drop_mail(id)
    desk.show(mail, lambda: desk.out.line(f"the mail of {mail.automation} in #{mail.conversation_id} is not sent"))


def _row(each: AutomationInfo) -> tuple[str | Styled, ...]:
    after = f"{length(each.after)} after {each.on}" if each.after else each.on
    does = [f"mail {each.send}", *each.do] if each.send else [*each.do]
    told = ", ".join(f"{number} {_TOLD[state]}" for state, number in each.mails.items() if number)
    acted = (told or "0 sent") if each.send else str(each.acted)
    return each.name, after, each.when, " · ".join(does), Styled(acted if each.enabled else "off", "dim")


_TOLD = {
    "planned": "planned",
    "held": "held",
    "queued": "sent",
    "dropped": "not sent",
    "answered": "answered",
    "refused": "refused",
}


def _mail(each: AutoMail, now: int) -> tuple[str | Styled, ...]:
    waits = each.state in ("planned", "held")
    told = each.outbox_state or each.state
    words = [told, *([each.why] if each.why else []), *(["answered"] if each.answered_at else [])]
    when = relative(each.next_at if waits else each.updated_at, now)
    return (
        str(each.id),
        each.automation,
        f"#{each.conversation_id}",
        each.address,
        when,
        Styled(": ".join(words), "dim"),
    )


for _each in (list_, try_, mails, drop):
    automations.add_command(_each)
