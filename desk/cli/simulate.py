"""`desk simulate`: what a way of handing out work does to promises."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from desk.cli.command import Desk, command
from desk.cli.failures import Exit, Failure
from desk.cli.output import Column
from desk.model import Channel
from desk.simulation import POLICIES, Figures, Interval, Shop, Summary, summed
from desk.simulation.curves import Shapeless, curve
from desk.simulation.runs import Run, done
from desk.simulation.served import LEAD
from desk.simulation.serving import WAYS
from desk.simulation.week import CHANNELS, Curve

_POLICY = Column("policy")
_PROMISES = tuple(Column(title, right=True) for title in ("chats in time", "calls", "mails", "calls, mails broken"))
_REST = tuple(Column(title, right=True) for title in ("gave up", "90 % of chats in", "calls", "mails", "occupancy"))
_USUAL = "Without --times a day has its usual two peaks, before noon and in the afternoon."
_WIDE = 140
"""Columns of a terminal that shows everything in one table."""


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    policy: str
    service: bool
    load: float
    reps: int
    days: int
    seeds: tuple[int, ...]
    curves: dict[Channel, Curve]
    """The shape of the day, by channel, where `--times` said it."""
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
    "--weeks", type=click.IntRange(1, 1000), default=30, show_default=True, help="How many, each of another seed."
)
@click.option(
    "--days", type=click.IntRange(1, 7), help="How many days each of them has.  [default: 5; 1 with --service]"
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the first week; the next has the next."
)
@click.option("--policy", "chosen", type=click.Choice([*POLICIES, "push", "all"]), default="all", show_default=True)
@click.option("--service", is_flag=True, help="With Desk itself, its store and its service, instead of a model of it.")
@click.option("--jobs", type=click.IntRange(1, 64), help="How many processes work.  [default: one for each processor]")
@click.option(
    "--times",
    metavar="CHANNEL=PATH",
    multiple=True,
    help="Mails, or a file of times, whose hours the day of chat, callback or email takes its shape from.",
)
def simulate(
    desk: Desk,
    reps: int,
    load: float,
    weeks: int,
    seed: int,
    days: int | None,
    chosen: str,
    service: bool,
    jobs: int | None,
    times: tuple[str, ...],
) -> None:
    """Weeks that never were, by ways of handing out work.

    Tells which promises each would have kept. The same seeds are the same weeks. What is modelled stands in
    docs/simulation.md. Nothing of the workspace is read.

    With --service mail is taken in, visitors write, reps take and answer with Desk itself, in a workspace of its own
    and on a clock that is told: some ten seconds for a day of ten reps by one policy.
    """
    if chosen == "push" and not service:
        raise click.UsageError("push is what Desk itself does with a queue that pushes; add --service")
    names = list(WAYS if service else POLICIES) if chosen == "all" else [chosen]
    shop = Shop(reps=reps, load=load, days=days or (1 if service else 5))
    shop = msgspec.structs.replace(shop, curves=_curves(times, shop.hours))
    if service:
        shop = msgspec.structs.replace(shop, callback=LEAD)
    runs = [Run(shop=shop, seed=each, ways=names, service=service) for each in range(seed, seed + weeks)]
    results = _results(desk, runs, jobs or len(os.sched_getaffinity(0)))
    desk.show(results, lambda: _tell(desk, results))


def _curves(times: Sequence[str], hours: float) -> dict[Channel, Curve]:
    """Raises Failure for what cannot be read, or has too few times."""
    paths: dict[Channel, list[Path]] = {}
    for each in times:
        name, _, path = each.partition("=")
        channel = next((one for one in CHANNELS if one == name), None)
        if channel is None or not path:
            raise click.BadParameter(f"{each}: write {' or '.join(CHANNELS)}, = and a path", param_hint="--times")
        paths.setdefault(channel, []).append(Path(path))
    try:
        return {channel: curve(some, hours) for channel, some in paths.items()}
    except OSError as error:
        said = f"{error.filename}: {error.strerror}" if error.strerror else str(error)
        raise Failure(said, code="unreadable", exit=Exit.NOT_FOUND, hint=_USUAL) from error
    except Shapeless as error:
        raise Failure(str(error), code="too-few-times", hint=_USUAL) from error


def _results(desk: Desk, runs: Sequence[Run], jobs: int) -> list[_Result]:
    found: list[dict[str, Figures]] = []
    desk.errors.status(f"0 of {len(runs)}")
    for figures in done(runs, jobs):
        found.append(figures)
        desk.errors.status(f"{len(found)} of {len(runs)}")
    desk.errors.status("")
    first = runs[0]
    return [
        _Result(
            policy=way,
            service=first.service,
            load=first.shop.load,
            reps=first.shop.reps,
            days=first.shop.days,
            seeds=tuple(run.seed for run in runs),
            curves=first.shop.curves,
            summary=summed([figures[way] for figures in found]),
        )
        for way in first.ways
    ]


def _tell(desk: Desk, results: Sequence[_Result]) -> None:
    if desk.out.width >= _WIDE:
        rows = [[each.policy, *_promises(each.summary), *_rest(each.summary)] for each in results]
        desk.out.table((_POLICY, *_PROMISES, *_REST), rows)
        return
    desk.out.table((_POLICY, *_PROMISES), [[each.policy, *_promises(each.summary)] for each in results])
    desk.out.line()
    desk.out.table((_POLICY, *_REST), [[each.policy, *_rest(each.summary)] for each in results])


def _promises(summary: Summary) -> list[str]:
    broken = summary.broken_later
    return [*(_percent(summary.kept[channel]) for channel in summary.kept), f"{broken.mean:.1f} ± {broken.off:.1f}"]


def _rest(summary: Summary) -> list[str]:
    return [
        _percent(summary.abandoned),
        *(_wait(summary.wait_90[channel]) for channel in summary.wait_90),
        _percent(summary.occupancy),
    ]


def _percent(value: Interval) -> str:
    return f"{value.mean * 100:.1f} ± {value.off * 100:.1f} %"


def _wait(value: Interval) -> str:
    return f"{value.mean:.0f} s" if value.mean < 120 else f"{value.mean / 60:.0f} min"
