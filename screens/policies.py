"""`:policies`: what is promised to whom, what runs and what became of it; and how the calendars stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from desk.clock import Millis
from desk.model import CalendarInfo, Holiday, PolicyInfo, PromiseBoard, PromiseKind, PromiseTally
from desk.query import PLAIN_PROMISES, Field, render
from desk.times import length
from desk.zones import zone_named
from screens.boards import Block, BoardScreen, told, wrapped
from screens.promised import KINDS
from screens.render import fit, one_line, shorten
from screens.widgets.lines import BLANK, Line

WEEK_DAYS = 7
MONTH_DAYS = 30
NAME_CELLS = 40
"""That the name of a day off has."""
_NONE = PromiseTally(policy="", kind="first")


class PoliciesScreen(BoardScreen[str, str]):
    """Ends with the query whose conversations a policy promises something."""

    title_text = "policies — what is promised to whom"

    async def fetch(self) -> None:
        client = self.desk.client
        self._week, self._month = await client.promises(WEEK_DAYS), await client.promises(MONTH_DAYS)

    _week = _month = PromiseBoard(since=0, policies=(), tallies=())

    def blocks(self, width: int) -> Sequence[Block[str]]:
        return list(policy_blocks(self._week, self._month, self.desk.clock.now(), width))

    async def lead(self, key: str) -> str | None:
        return render(Field("policy", key or PLAIN_PROMISES))


def policy_blocks(week: PromiseBoard, month: PromiseBoard, now: Millis, width: int) -> Iterator[Block[str]]:
    """Each policy in the order in which they count: to whom what, what runs, and what became of it; the calendars."""
    if week.unread:
        yield Block([told(f"calendar: {one_line(each)}", width, "bad") for each in week.unread])
    plain = [each for each in week.policies if not each.name]
    for policy in week.policies:
        if policy.name:
            yield Block([*_policy(policy, width), *_tallies(policy.name, week, month, width), BLANK], policy.name)
    if plain:
        lines = [line for each in plain for line in _policy(each, width)]
        yield Block([*lines, *_tallies("", week, month, width), BLANK], "")
    known = {each.name for each in week.policies}
    for name in dict.fromkeys(each.policy for each in (*week.tallies, *month.tallies) if each.policy not in known):
        head = told(f"{_called(name)} — in desk.toml no longer", width, "strong")
        yield Block([head, *_tallies(name, week, month, width), BLANK], name)
    if week.calendars:
        lines = [line for each in week.calendars for line in _calendar(each, now, width)]
        yield Block([told("calendars", width, "accent"), *lines, BLANK])
    yield Block([told("they are changed among the settings: policies, promises, calendars", width, "dim")])


def _called(name: str) -> str:
    return one_line(name) or PLAIN_PROMISES


def _policy(policy: PolicyInfo, width: int) -> Iterator[Line]:
    yield from wrapped(f"{_called(policy.name)} — {one_line(', '.join(policy.when)) or 'everybody'}", width, "strong")
    terms: tuple[tuple[PromiseKind, Millis | None], ...] = (
        ("first", policy.first),
        ("next", policy.next),
        ("resolution", policy.resolution),
    )
    promised = [f"{KINDS[kind]} in {length(time)}" for kind, time in terms if time is not None]
    by = f"working time of {one_line(policy.calendar)}" if policy.calendar else "all time counts"
    pause = "stands still while we wait for the customer" if policy.pause else "never stands still"
    yield from wrapped(f"  {', '.join(promised) or 'nothing'}; {by}; {pause}", width)


def _tallies(name: str, week: PromiseBoard, month: PromiseBoard, width: int) -> Iterator[Line]:
    """One line a kind: what runs now, and what was kept and broken in seven days, and in thirty."""
    lately = {each.kind: each for each in week.tallies if each.policy == name}
    before = {each.kind: each for each in month.tallies if each.policy == name}
    for kind in dict.fromkeys((*lately, *before)):
        now, then = lately.get(kind, _NONE), before.get(kind, _NONE)
        runs = f"{now.running} run, {now.late} late, {now.paused} paused"
        ended = f"7 days: {now.kept} kept, {now.broken} broken · 30 days: {then.kept} kept, {then.broken} broken"
        ink, kind_told = "bad" if now.late else "text", f"  {fit(KINDS[kind], 13)} "
        together = f"{kind_told}{runs} · {ended}"
        if len(together) + 2 <= width:
            yield told(together, width, ink)
        else:
            yield told(f"{kind_told}{runs}", width, ink)
            yield told(f"{' ' * len(kind_told)}{ended}", width, ink)


# --- calendars --------------------------------------------------------------------------------------------


def _calendar(calendar: CalendarInfo, now: Millis, width: int) -> Iterator[Line]:
    """All by the clock of its place."""
    state = f"{'open' if calendar.open else 'closed'} now{_until(calendar, now)}"
    yield told(
        f"{one_line(calendar.name)} — {state} ({one_line(calendar.zone)})", width, "good" if calendar.open else "dim"
    )
    yield told(f"  {'today ' + ', '.join(calendar.today) if calendar.today else 'closed today'}", width)
    if calendar.holidays:
        days = " · ".join(_holiday(each, now) for each in calendar.holidays)
        yield from wrapped(f"  days off: {days}", width)


def _until(calendar: CalendarInfo, now: Millis) -> str:
    if calendar.until is None:
        return ""
    zone = zone_named(calendar.zone) or UTC
    then, today = (datetime.fromtimestamp(at / 1000, zone) for at in (calendar.until, now))
    day = "" if then.date() == today.date() else f"{then:%a} {then.day} {then:%b} "
    return f" until {day}{then:%H:%M}"


def _holiday(holiday: Holiday, now: Millis) -> str:
    first, last = date.fromisoformat(holiday.first), date.fromisoformat(holiday.last)
    days = _day(first, now) if first == last else f"{_day(first, now)} to {_day(last, now)}"
    return f"{days} {shorten(one_line(holiday.name), NAME_CELLS)}".strip()


def _day(day: date, now: Millis) -> str:
    year = "" if day.year == datetime.fromtimestamp(now / 1000, UTC).year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"
