"""Macros: one is picked, what each of its steps would do is shown, and on a yes it is run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from desk.answers.model import MacroPreview
from desk.fuzzy import ranked
from desk.steps import Macro
from screens.confirm import Confirm
from screens.desk import Desk
from screens.picker import Picker, result_of
from screens.render import body, fit, one_line, shorten, strip, wrap
from screens.widgets.ink import Inks
from screens.widgets.lines import BLANK, Line

if TYPE_CHECKING:
    from textual.strip import Strip

    from screens.inbox import InboxScreen

AT_ONCE = 200
"""Conversations a macro is run on."""
BODY_LINES = 8


class Macros:
    """One method an action of macros."""

    _inbox: InboxScreen
    _desk: Desk

    async def do_macro(self, argument: str | None = None) -> None:
        targets = self._inbox.targets()
        ids = list(targets.ids or ())
        if not targets or not ids:
            if targets:
                self._desk.say("a macro needs conversations that are selected one by one", "bad")
            return
        if len(ids) > AT_ONCE:
            self._desk.say(f"a macro is run on at most {AT_ONCE} conversations; {len(ids):,} are selected", "bad")
            return
        name = argument or await self._picked(len(ids))
        if not name:
            return
        previews = await self._desk.client.preview_macro(name, ids)
        sheet = Confirm(self._desk, _title(name, previews), lambda width: list(preview_lines(previews, width)))
        if await result_of(self._inbox.app, sheet):
            await self._run(name, previews)

    async def _picked(self, count: int) -> str | None:
        macros = await self._desk.client.macros()
        if not macros:
            self._desk.say("there are no macros; [macros.NAME] in desk.toml makes one", "bad")
            return None

        async def find(text: str) -> list[Macro]:
            return list(ranked(text, macros, lambda each: (each.name, each.help), at_most=50)) if text else macros

        title = "Macro" if count == 1 else f"Macro, on {count:,} conversations"
        picker = Picker(self._desk, title, find, paint, steps_of, empty="no such macro")
        self._inbox.release_keys()
        chosen = await result_of(self._inbox.app, picker)
        return chosen.name if chosen is not None else None

    async def _run(self, name: str, previews: Sequence[MacroPreview]) -> None:
        ready = [each for each in previews if each.ready]
        seen = {each.conversation_id: each.seen_message_id for each in ready if each.seen_message_id is not None}
        results = await self._desk.client.run_macro(name, [each.conversation_id for each in ready], seen)
        failed = [each.problem for each in results if each.problem is not None]
        done = len(results) - len(failed)
        left = len(previews) - len(ready)
        told = f"{name}: done in {done:,} conversation{'' if done == 1 else 's'}"
        told += f"; {left:,} left as they were" if left else ""
        told += f"; {len(failed):,} refused: {failed[0].message}" if failed else ""
        self._desk.did()
        self._desk.say(told, "bad" if failed else "good")
        for row in await self._desk.client.conversations_by_id([each.conversation_id for each in results]):
            self._inbox.applied(row)


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


def _title(name: str, previews: Sequence[MacroPreview]) -> str:
    return f"{one_line(name)} — {len(previews):,} conversation{'' if len(previews) == 1 else 's'}"


def preview_lines(previews: Sequence[MacroPreview], width: int) -> Iterator[Line]:
    """What each step would do to each conversation."""
    for each in previews:
        about = f"#{each.conversation_id} {one_line(each.customer_name)}: {one_line(each.subject)}"
        yield Line(((" ", "text"), (shorten(about, width - 2), "strong")))
        for step in each.steps:
            ink = "bad" if step.problem or step.gaps else "text"
            yield Line(
                (
                    ("   ", "text"),
                    (shorten(step.step, 30), "key"),
                    ("  ", "text"),
                    (shorten(step.effect, width - 38), ink),
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
                yield Line((("     │ ", "rule"), (f"{len(shown) - BODY_LINES} more lines", "dim")))
        if not each.ready:
            yield Line((("   ", "text"), ("left as it is", "warn")))
        yield BLANK
