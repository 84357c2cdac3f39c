"""What Desk promises and what it does by itself, a page each: what `desk.toml` says, and what came of it lately."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desk.clock import Millis
from desk.model import AutomationInfo, LearningReport, PolicyInfo, PromiseBoard, PromiseKind, PromiseTally, RuleInfo
from desk.times import length
from screens.promised import KINDS
from screens.render import fit, one_line, shorten
from screens.times import stamp
from screens.widgets.lines import BLANK, Line

WEEK_DAYS = 7
MONTH_DAYS = 30
_NONE = PromiseTally(policy="", kind="first")


def policy_lines(week: PromiseBoard, month: PromiseBoard, width: int) -> list[Line]:
    """Each policy in the order in which they count: to whom what, what runs, and what became of it."""
    lines = [_line(f"calendar: {each}", width, "bad") for each in week.unread]
    for policy in week.policies:
        lines += _policy(policy, week, month, width)
    known = {each.name for each in week.policies}
    gone = dict.fromkeys(each.policy for each in (*week.tallies, *month.tallies) if each.policy not in known)
    for name in gone:
        lines.append(_line(f"{one_line(name) or '[promises]'} — in desk.toml no longer", width, "strong"))
        lines += [*_tallies(name, week, month, width), BLANK]
    lines.append(_line("they are changed among the settings: policies, promises, calendars", width, "dim"))
    return lines


def _policy(policy: PolicyInfo, week: PromiseBoard, month: PromiseBoard, width: int) -> Iterator[Line]:
    yield _line(
        f"{one_line(policy.name) or '[promises]'} — {one_line(', '.join(policy.when)) or 'everybody'}", width, "strong"
    )
    terms: tuple[tuple[PromiseKind, Millis | None], ...] = (
        ("first", policy.first),
        ("next", policy.next),
        ("resolution", policy.resolution),
    )
    told = [f"{KINDS[kind]} in {length(time)}" for kind, time in terms if time is not None]
    by = f"working time of {one_line(policy.calendar)}" if policy.calendar else "all time counts"
    pause = "stands still while we wait for the customer" if policy.pause else "never stands still"
    yield _line(f"  {', '.join(told) or 'nothing'}; {by}; {pause}", width)
    yield from _tallies(policy.name, week, month, width)
    yield BLANK


def _tallies(name: str, week: PromiseBoard, month: PromiseBoard, width: int) -> Iterator[Line]:
    """One line a kind: what runs now, and what was kept and broken in seven days, and in thirty."""
    lately = {each.kind: each for each in week.tallies if each.policy == name}
    before = {each.kind: each for each in month.tallies if each.policy == name}
    for kind in dict.fromkeys((*lately, *before)):
        now, then = lately.get(kind, _NONE), before.get(kind, _NONE)
        runs = f"{now.running} run, {now.late} late, {now.paused} paused"
        ended = f"7 days: {now.kept} kept, {now.broken} broken · 30 days: {then.kept} kept, {then.broken} broken"
        yield _line(f"  {fit(KINDS[kind], 13)} {runs} · {ended}", width, "bad" if now.late else "text")


def rule_lines(
    rules: Sequence[RuleInfo],
    automations: Sequence[AutomationInfo],
    learning: LearningReport,
    now: Millis,
    width: int,
) -> list[Line]:
    """Rules in the order in which they are asked, automations, and what was learned; how often each acted lately."""
    lines = [_line("rules, in the order in which they are asked", width, "accent")]
    for rule in rules:
        stop = " · stop" if rule.stop else ""
        lines += _acts(
            rule.name, rule.enabled, rule.acted, f"{rule.on}: {rule.when or 'everything'}", rule.do, stop, width
        )
    lines += [*_if_none(rules, width), BLANK, _line("automations", width, "accent")]
    for each in automations:
        after = f" {length(each.after)} later" if each.after else ""
        sends = f" · sends {one_line(each.send)}" if each.send else ""
        asked = f"{each.on}{after}: {each.when or 'everything'}"
        lines += _acts(each.name, each.enabled, each.acted, asked, each.do, sends, width)
    lines += [*_if_none(automations, width), BLANK, _line("learned from how reps sorted", width, "accent")]
    lines += [*_learned(learning, now, width), BLANK]
    hint = "tried before they count: desk rules try, desk automations try; learned anew: desk learn start"
    return [*lines, _line(hint, width, "dim")]


def _acts(name: str, enabled: bool, acted: int, asked: str, do: Sequence[str], more: str, width: int) -> Iterator[Line]:
    state = f"acted {acted} times in 7 days" if enabled else "off, only tried"
    yield _line(f"{one_line(name)} — {state}", width, "strong" if enabled else "dim")
    yield _line(f"  {one_line(asked)}", width)
    yield _line(f"  → {one_line(' · '.join(do))}{more}", width)


def _if_none(rows: Sequence[object], width: int) -> list[Line]:
    return [] if rows else [_line("  there are none in desk.toml", width, "dim")]


def _learned(report: LearningReport, now: Millis, width: int) -> Iterator[Line]:
    if report.error:
        yield _line(f"  {one_line(report.error)}", width, "bad")
    if not report.at:
        yield _line("  nothing yet: desk learn start", width, "dim")
        return
    used = " and ".join(what for what, used in (("queues", report.queues), ("tags", report.tags)) if used)
    yield _line(
        f"  {stamp(report.at, now)} from {report.examples:,} conversations, judged on the newest {report.judged_on:,};"
        f" used for {used or 'nothing: [learning] does not say so'}",
        width,
    )
    for label in report.labels:
        right = (
            "never said" if label.precision is None else f"{label.right} of {label.said} right, {label.precision:.0%}"
        )
        earned = "counts" if label.earned else f"does not count below {report.asked:.0%}"
        sure = f", from {label.threshold:.0%} sure" if label.threshold <= 1 else ""
        yield _line(
            f"  {label.kind} {one_line(label.name)} — {right}{sure}: {earned}", width, "good" if label.earned else "dim"
        )


def _line(text: str, width: int, ink: str = "text") -> Line:
    return Line(((f" {shorten(text, max(width - 2, 1))}", ink),))
