"""Macros: one is picked, what each of its steps would do is shown, and on a yes it is run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from desk.answers.model import MacroPlan, MacroPreview
from desk.fuzzy import ranked
from desk.steps import Macro
from screens.confirm import Confirm
from screens.desk import Desk
from screens.picker import Picker, result_of
from screens.render import body, cells, fit, one_line, shorten, strip, wrap
from screens.widgets.ink import Inks
from screens.widgets.lines import BLANK, Line

if TYPE_CHECKING:
    from textual.strip import Strip

    from screens.inbox import InboxScreen

SHOWN_AT_ONCE = 100
"""Conversations whose rows are shown as they are now without waiting for the feed."""
BODY_LINES = 8


class Macros:
    """One method an action of macros."""

    _inbox: InboxScreen
    _desk: Desk

    async def do_macro(self, argument: str | None = None) -> None:
        """On what is selected, or else the conversation that is meant, after a yes to what it would do."""
        targets = self._inbox.targets()
        if not targets:
            return
        name = argument or await self._picked(len(targets))
        if not name:
            return
        client, chosen = self._desk.client, targets.named()
        with self._inbox.unread():
            plan = await client.plan_macro(name, **chosen)
        sheet = Confirm(self._desk, _title(name, plan.total), lambda width: list(plan_lines(plan, width)))
        if not await result_of(self._inbox.app, sheet):
            return
        await self._inbox.acting.on_many(
            targets, lambda: client.bulk(macro=name, seen_message_id=plan.seen_message_id, **chosen), f"{name} is done"
        )
        ids = [each.conversation_id for each in plan.previews[:SHOWN_AT_ONCE]]
        for row in await client.conversations_by_id(ids):
            self._inbox.applied(row)

    async def _picked(self, count: int) -> str | None:
        macros = await self._desk.client.macros()
        if not macros:
            self._desk.say("there are no macros; [macros.NAME] in desk.toml makes one", "bad")
            return None

        async def find(text: str) -> list[Macro]:
            return list(ranked(text, macros, lambda each: (each.name, each.help), at_most=50)) if text else macros

        title = "Macro" if count == 1 else f"Macro, on {count:,} conversations"
        picker = Picker(
            self._desk,
            title,
            find,
            paint,
            steps_of,
            empty="no such macro",
            hint="a few letters",
            named=True,
            confirmed=True,
        )
        chosen = await result_of(self._inbox.app, picker)
        return chosen.name if chosen is not None else None


def paint(row: Macro, width: int, inks: Inks, on: str) -> Strip:
    ground = "cursor" if on else ""
    spans = (
        ("▌" if on else " ", "accent"),
        (fit(row.name, 20) + " ", "strong"),
        (fit(row.help or " · ".join(row.steps), max(width - 22, 0)), "dim"),
    )
    return strip([(text, inks(ink, ground)) for text, ink in spans], width, inks("text", ground))


def steps_of(row: Macro, width: int) -> Sequence[Line]:
    """What a macro says."""
    return [
        Line(((f" {number}. ", "dim"), (shorten(step, width - 6), "text"))) for number, step in enumerate(row.steps, 1)
    ]


def _title(name: str, count: int) -> str:
    return f"{one_line(name)} — {count:,} conversation{'' if count == 1 else 's'}"


def plan_lines(plan: MacroPlan, width: int) -> Iterator[Line]:
    """What a macro would do to the first of many, and how many more there are."""
    yield from preview_lines(plan.previews, width)
    if more := plan.total - len(plan.previews):
        yield Line(((f" and the same to {more:,} more; what cannot be done to one leaves it as it is", "strong"),))
        yield BLANK


def preview_lines(previews: Sequence[MacroPreview], width: int) -> Iterator[Line]:
    """What each step would do to each conversation."""
    for each in previews:
        about = f"#{each.conversation_id} {one_line(each.customer_name)}: {one_line(each.subject)}"
        yield Line(((" ", "text"), (shorten(about, width - 2), "strong")))
        for step in each.steps:
            ink = "bad" if step.problem or step.gaps else "text"
            said = shorten(step.step, 30)
            yield Line(
                (
                    ("   ", "text"),
                    (said, "key"),
                    ("  ", "text"),
                    (shorten(step.effect, width - 7 - cells(said)), ink),
                )
            )
            if step.problem:
                yield Line((("     ", "text"), (shorten(step.problem, width - 6), "bad")))
            elif step.gaps:
                names = ", ".join(gap.name for gap in step.gaps)
                yield Line((("     ", "text"), (shorten(f"nothing fills {names}", width - 6), "bad")))
            shown = list(wrap(body(step.body), width - 8)) if step.body else []
            for part in shown[:BODY_LINES]:
                yield Line((("     │ ", "rule"), (part, "dim")))
            if len(shown) > BODY_LINES:
                yield Line((("     │ ", "rule"), (f"{len(shown) - BODY_LINES} more", "dim")))
        if not each.ready:
            yield Line((("   ", "text"), ("left as it is", "warn")))
        yield BLANK
