"""`:rules`: what Desk does by itself, how often it did, and what it would have done in the last week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from desk.clock import Millis
from desk.model import AutomationInfo, Conversation, LearningReport, RuleInfo, Trial
from desk.times import length
from screens.boards import Block, BoardScreen, told, wrapped
from screens.desk import Desk
from screens.render import one_line
from screens.times import stamp
from screens.widgets.bars import key_glyph
from screens.widgets.lines import BLANK, Line

DAYS = 7
"""On how many a rule is tried."""


class Named(NamedTuple):
    """A rule or an automation."""

    kind: Literal["rule", "automation"]
    name: str


class WouldFit(NamedTuple):
    """The conversations one would have fitted."""

    title: str
    conversations: list[Conversation]


Trials = Mapping[Named, Trial]


class RulesScreen(BoardScreen[Named, WouldFit]):
    """Ends with the conversations that one would have fitted."""

    title_text = "rules — what Desk does by itself"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rules: list[RuleInfo] = []
        self._automations: list[AutomationInfo] = []
        self._learning = LearningReport()
        self._trials: dict[Named, Trial] = {}

    async def fetch(self) -> None:
        client = self.desk.client
        rules, automations, self._learning = await client.rules(), await client.automations(), await client.learning()
        if (rules, automations) != (self._rules, self._automations):
            self._trials.clear()
        self._rules, self._automations = rules, automations

    def blocks(self, width: int) -> Sequence[Block[Named]]:
        now = self.desk.clock.now()
        return list(rule_blocks(self._rules, self._automations, self._learning, self._trials, now, width))

    def can(self, action: str) -> bool:
        if action == "try-out":
            return self.view.current is not None
        return super().can(action)

    def do_open(self) -> None:
        key = self.view.current
        trial = self._trials.get(key) if key is not None else None
        if trial is None:
            self.desk.say(
                f"{key_glyph(self.desk.keymap.key('try-out', 'board'))} tries it on the last {DAYS} days first"
            )
        elif not trial.conversations:
            self.desk.say(f"it would have fitted nothing in {DAYS} days")
        else:
            super().do_open()

    def do_try_out(self) -> None:
        key = self.view.current
        if key is not None:
            self.open_for_typing(self._try(key))

    async def _try(self, key: Named) -> None:
        """As `desk rules try` and `desk automations try` do; keys pressed meanwhile are for what comes of it."""
        client = self.desk.client
        try_them = client.try_rules if key.kind == "rule" else client.try_automations
        [self._trials[key]] = await try_them(key.name, days=DAYS)
        self.view.again()
        self.update_bars()
        self.release_keys()

    async def lead(self, key: Named) -> WouldFit | None:
        trial = self._trials[key]
        rows = await self.desk.client.conversations_by_id(list(trial.conversations))
        if not rows:
            self.desk.say("these conversations are no longer there")
            return None
        return WouldFit(f"what {key.kind} {one_line(key.name)} would have fitted", rows)


def rule_blocks(
    rules: Sequence[RuleInfo],
    automations: Sequence[AutomationInfo],
    learning: LearningReport,
    trials: Trials,
    now: Millis,
    width: int,
) -> Iterator[Block[Named]]:
    """Rules in the order in which they are asked, automations, and what was learned; how often each acted lately."""
    yield _head("rules, in the order in which they are asked", rules, width)
    for rule in rules:
        key = Named("rule", rule.name)
        asked = f"{rule.on}: {rule.when or 'everything'}"
        lines = _acts(rule, asked, _lately(rule.acted), [*rule.do, *(["stop"] if rule.stop else [])], width)
        yield Block([*lines, *_tried(trials.get(key), width)], key)
    yield Block([BLANK])
    yield _head("automations", automations, width)
    for each in automations:
        key = Named("automation", each.name)
        after = f" {length(each.after)} later" if each.after else ""
        asked = f"{each.on}{after}: {each.when or 'everything'}"
        lately = _sent(each.mails.get("queued", 0)) if each.send else _lately(each.acted)
        lines = _acts(each, asked, lately, [*each.do, *([f"sends {each.send}"] if each.send else [])], width)
        yield Block([*lines, *_tried(trials.get(key), width)], key)
    yield Block([BLANK, told("learned from how reps sorted", width, "accent"), *_learned(learning, now, width), BLANK])
    yield Block([told("learned anew: desk learn start", width, "dim")])


def _head(title: str, rows: Sequence[object], width: int) -> Block[Named]:
    none = [] if rows else [told("  there are none in desk.toml", width, "dim")]
    return Block([told(title, width, "accent"), *none])


def _acts(each: RuleInfo | AutomationInfo, asked: str, lately: str, does: Sequence[str], width: int) -> Iterator[Line]:
    state = f"{lately} in {DAYS} days" if each.enabled else "off, only tried"
    yield told(f"{one_line(each.name)} — {state}", width, "strong" if each.enabled else "dim")
    yield from wrapped(f"  {one_line(asked)}", width)
    yield from wrapped(f"  → {one_line(' · '.join(does))}", width)


def _lately(acted: int) -> str:
    return "acted once" if acted == 1 else f"acted {acted:,} times"


def _sent(mails: int) -> str:
    return "sent one mail" if mails == 1 else f"sent {mails:,} mails"


def _tried(trial: Trial | None, width: int) -> Iterator[Line]:
    """What would have come of it."""
    if trial is None:
        return
    mails = f"; {trial.mails:,} mails would have gone, {trial.kept_back:,} not" if trial.mails + trial.kept_back else ""
    fits = f"would have fitted {trial.fits:,} of {trial.asked:,} in {DAYS} days"
    leads = "; enter shows them" if trial.conversations else ""
    yield from wrapped(
        f"  tried: {fits}, and changed {trial.changes:,}{mails}{leads}", width, "found" if trial.fits else "dim"
    )


def _learned(report: LearningReport, now: Millis, width: int) -> Iterator[Line]:
    if report.error:
        yield told(f"  {one_line(report.error)}", width, "bad")
    if not report.at:
        yield told("  nothing yet: desk learn start", width, "dim")
        return
    used = " and ".join(what for what, used in (("queues", report.queues), ("tags", report.tags)) if used)
    yield told(
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
        yield told(
            f"  {label.kind} {one_line(label.name)} — {right}{sure}: {earned}", width, "good" if label.earned else "dim"
        )
