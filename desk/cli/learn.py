"""`desk learn …`: where conversations belong, as learned from those before."""

from __future__ import annotations

from collections.abc import Sequence

import click

from desk.cli.command import ID, Desk, command
from desk.cli.failures import Failure
from desk.cli.output import Column, Styled
from desk.cli.times import relative
from desk.clock import SystemClock
from desk.model import Guess, Judged, LearningReport

_LABELS = (
    Column("what"),
    Column("name", flexible=True),
    Column("examples", right=True),
    Column("said", right=True),
    Column("right", right=True),
    Column("precision", right=True),
    Column("found", right=True),
    Column("from", right=True),
    Column("counts"),
)
_GUESSES = (
    Column("what"),
    Column("name", flexible=True),
    Column("sure", right=True),
    Column("because"),
    Column("counts"),
)
_WAIT_SECONDS = 30.0


@click.group("learn")
def learn() -> None:
    """Where conversations belong, as learned from those before.

    Reps have sorted those: see docs/rules.md."""


@command("start")
async def start(desk: Desk) -> None:
    """Learn anew, in a process of its own, and say what it is worth."""
    report = await desk.client.learn()
    while report.state == "learning":
        report = await desk.client.learning(wait=_WAIT_SECONDS)
    if report.state == "failed":
        raise Failure(report.error, code="learning-failed")
    _show(desk, report)


@command("show")
async def show(desk: Desk) -> None:
    """What was learned, and what the guesses of each label are worth, on conversations nothing was learned from."""
    _show(desk, await desk.client.learning())


@command("guess")
@click.argument("id", type=ID)
async def guess(desk: Desk, id: int) -> None:
    """Queue and tags that a conversation may want, the likeliest first, and why."""
    found = await desk.client.guesses(id)
    desk.show(found, lambda: _show_guesses(desk, id, found))


def _show_guesses(desk: Desk, id: int, found: Sequence[Guess]) -> None:
    if not found:
        desk.errors.line(f"Nothing that was learned says anything of #{id}; desk learn show tells what was.")
        return
    desk.out.table(_GUESSES, [_guess(each) for each in found])


def _show(desk: Desk, report: LearningReport) -> None:
    def text() -> None:
        if not report.at:
            desk.out.line("nothing was learned yet; desk learn start does")
            return
        used = [what for what, on in (("queues", report.queues), ("tags", report.tags)) if on]
        desk.out.line(
            f"learned {relative(report.at, SystemClock().now())} from {report.examples:,} conversations, judged on the "
            f"newest {report.judged_on:,}; used for {' and '.join(used) or 'nothing (see [learning] in desk.toml)'}"
        )
        if not report.labels:
            desk.errors.line(
                "That is too little to tell labels apart: about a hundred sorted conversations are needed."
            )
            return
        desk.out.table(_LABELS, [_label(each) for each in report.labels])

    desk.show(report, text)


def _label(each: Judged) -> tuple[str | Styled, ...]:
    return (
        each.kind,
        each.name,
        f"{each.examples:,}",
        f"{each.said:,}",
        f"{each.right:,}",
        "–" if each.precision is None else f"{each.precision:.0%}",
        "–" if each.recall is None else f"{each.recall:.0%}",
        f"{each.threshold:.0%}" if each.threshold <= 1 else "–",
        Styled("yes", "green") if each.earned else Styled("not yet", "dim"),
    )


def _guess(each: Guess) -> tuple[str, ...]:
    return each.kind, each.name, f"{each.sure:.0%}", ", ".join(each.because), "yes" if each.counts else "not sure"


for _each in (start, show, guess):
    learn.add_command(_each)
