"""`desk simulate`: what a way of handing out work does to promises."""

from __future__ import annotations

import click
import msgspec

from desk.cli.command import Desk, command
from desk.cli.output import Column
from desk.simulation import POLICIES, Figures, Interval, Shop, Summary, arrivals, summed, work

_COLUMNS = (
    Column("policy"),
    Column("chats in time", right=True),
    Column("calls in time", right=True),
    Column("mails in time", right=True),
    Column("broken, calls and mails", right=True),
    Column("gave up", right=True),
    Column("chat waits 90 %", right=True),
    Column("call waits 90 %", right=True),
    Column("mail waits 90 %", right=True),
    Column("occupancy", right=True),
)


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    policy: str
    load: float
    reps: int
    seeds: tuple[int, ...]
    summary: Summary


@command("simulate", start=False)
@click.option("--reps", type=click.IntRange(1, 500), default=10, show_default=True, help="How many work.")
@click.option(
    "--load",
    type=click.FloatRange(0.05, 1.5),
    default=0.9,
    show_default=True,
    help="Attention that is asked for, over attention that is there.",
)
@click.option(
    "--weeks", type=click.IntRange(1, 1000), default=30, show_default=True, help="How many weeks, each of five days."
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the first week; the next has the next."
)
@click.option("--policy", "chosen", type=click.Choice([*POLICIES, "all"]), default="all", show_default=True)
def simulate(desk: Desk, reps: int, load: float, weeks: int, seed: int, chosen: str) -> None:
    """Weeks that never were, by ways of handing out work.

    Tells which promises each would have kept. The same seeds are the same weeks. What is modelled stands in
    docs/simulation.md. Nothing of the workspace is read.
    """
    shop = Shop(reps=reps, load=load)
    seeds = tuple(range(seed, seed + weeks))
    names = list(POLICIES) if chosen == "all" else [chosen]
    found: dict[str, list[Figures]] = {name: [] for name in names}
    for number, each in enumerate(seeds, 1):
        desk.errors.status(f"week {number} of {weeks}")
        week = arrivals(shop, each)
        for name in names:
            found[name].append(work(shop, week, POLICIES[name]()))
    desk.errors.status("")
    results = [
        _Result(policy=name, load=load, reps=reps, seeds=seeds, summary=summed(figures))
        for name, figures in found.items()
    ]
    desk.show(results, lambda: desk.out.table(_COLUMNS, (_row(each.policy, each.summary) for each in results)))


def _row(policy: str, summary: Summary) -> list[str]:
    return [
        policy,
        *(_percent(summary.kept[channel]) for channel in summary.kept),
        f"{summary.broken_later.mean:.1f} ± {summary.broken_later.off:.1f}",
        _percent(summary.abandoned),
        *(_wait(summary.wait_90[channel]) for channel in summary.wait_90),
        _percent(summary.occupancy),
    ]


def _percent(value: Interval) -> str:
    return f"{value.mean * 100:.1f} ± {value.off * 100:.1f} %"


def _wait(value: Interval) -> str:
    return f"{value.mean:.0f} s" if value.mean < 120 else f"{value.mean / 60:.0f} min"
