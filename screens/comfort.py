"""How this terminal looks and sounds: the theme, the title, bell and notices, being quiet; in step with desk.toml."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from desk.client import ClientError
from desk.model import ChangeKind
from desk.model.staffing import ranks
from screens.desk import ALERT, Desk
from screens.feed import Dirty
from screens.noticing import NAME_AT_MOST, Counts, Noticing, counts, own
from screens.render import one_line
from screens.themes import theme_name

if TYPE_CHECKING:
    from textual.app import App

    from desk.settings.words import Comfort

COUNTED: tuple[ChangeKind, ...] = ("conversation", "message", "read", "mention")
"""Kinds of change after which the counts may be others."""
COUNT_SECONDS = 1.0
"""The shortest time between two looks at the counts."""


class Comforts:
    """One terminal's. What people do here with a key counts for this terminal, until desk.toml changes."""

    def __init__(self, app: App[Any], desk: Desk) -> None:
        self._app = app
        self._desk = desk
        self.comfort: Comfort | None = None
        """None until the server has told."""
        self.quiet = False
        self.previewing = False
        """A theme is being looked at: nothing else changes it."""
        self._told = ""
        self._counting = False
        self._offered: frozenset[int] = frozenset()
        """The offers that were told of."""
        self._heard: frozenset[int] = frozenset()
        """The whispers that were told of."""
        self._alarmed: frozenset[tuple[str, int]] = frozenset()
        """The alerts that were told of, each by when it began."""
        self._noticing = Noticing(self._write, self._entitle)

    # --- desk.toml ----------------------------------------------------------------------------------------

    async def absorb(self, dirty: Dirty) -> None:
        """Go by what changed on the server. Raises ClientError."""
        if dirty.touches("setting") or self.comfort is None:
            await self._reread()
        if dirty.touches("offer"):
            self._call_for_offers()
        if dirty.touches("mention"):
            await self._hear_whispers()
        if dirty.touches("alert"):
            await self._hear_alerts()
        if dirty.touches("setting", *COUNTED) and not self._counting:
            self._counting = True
            self._app.set_timer(COUNT_SECONDS if self._noticing.known else 0.01, self._count_now)

    async def _reread(self) -> None:
        fresh = await self._desk.client.comfort()
        before, self.comfort = self.comfort, fresh
        if before is None or before.quiet != fresh.quiet:
            self.quiet = fresh.quiet
        if before is None or before.advance != fresh.advance:
            self._desk.advance = fresh.advance
        if before is not None and before.theme != fresh.theme and not self.previewing:
            self.wear(fresh.theme)
        self._desk.status = status = await self._desk.client.status()
        if status.settings_error != self._told:
            self._told = status.settings_error
            self._tell_faults(status.settings_error.splitlines())

    def _tell_faults(self, findings: list[str]) -> None:
        if not findings:
            self._desk.say("desk.toml is right again; Desk goes by it", "good")
            return
        more = f" (and {len(findings) - 1} more: desk config check)" if len(findings) > 1 else ""
        self._desk.say(f"{from_file(findings[0])}{more}; the settings stay as they were", "bad")

    # --- theme --------------------------------------------------------------------------------------------

    def wear(self, theme: str) -> bool:
        """Have the colours of a theme, '' for what fits the terminal; False if there is none of that name."""
        name = theme_name(theme) if theme else self.fitting()
        if name not in self._app.available_themes:
            return False
        self._app.theme = name
        return True

    def fitting(self) -> str:
        """The theme for this terminal when nobody asked for one."""
        found: str = self._app.fitting_theme("")  # type: ignore[attr-defined]
        return found

    # --- noticing -----------------------------------------------------------------------------------------

    async def _count_now(self) -> None:
        self._counting = False
        try:
            await self._count()
        except ClientError:
            return

    async def _count(self) -> None:
        known = self.comfort
        if known is None or not (known.title or known.bell != "off" or known.notices != "off"):
            self._noticing.show_title(Counts(), wanted=False, quiet=False)
            return
        now = counts(await self._desk.client.views())
        self._noticing.show_title(now, wanted=known.title, quiet=self.quiet)
        if not self.quiet:
            if self._noticing.grown(now, known.bell):
                self._noticing.ring()
            if told := self._noticing.grown(now, known.notices):
                self._noticing.notify(known.notice_form, await self._named(told) if known.notice_names else told)
        self._noticing.passed(now)

    def _call_for_offers(self) -> None:
        """What is offered waits for seconds only: bell and notice, unless people want neither, and a line elsewhere."""
        offers, known = self._desk.offers.open, self.comfort
        now = frozenset(each.offer.id for each in offers)
        new, self._offered = now - self._offered, now
        if not new or known is None or self.quiet:
            return
        if known.bell != "off":
            self._noticing.ring()
        if known.notices != "off":
            name = own(offers[-1].conversation.customer_name, NAME_AT_MOST) if known.notice_names else ""
            self._noticing.notify(known.notice_form, f"{name}: offered to you" if name else "offered to you")

    async def _hear_whispers(self) -> None:
        """A supervisor says something now: a line on every screen, and the bell, unless people want none."""
        whispers = await self._desk.client.whispers()
        new = [each for each in whispers if each.id not in self._heard]
        self._heard = frozenset(each.id for each in whispers)
        if not new:
            return
        first, known = new[0], self.comfort
        who = one_line(first.agent_name or "a supervisor")
        self._desk.say(f"» {who} whispers in #{first.conversation_id}: {one_line(first.body)}", "bad")
        if known is not None and known.bell != "off" and not self.quiet:
            self._noticing.ring()

    async def _hear_alerts(self) -> None:
        """Supervisors are told once of each number that became too high, wherever they are; the live queue shows it."""
        me, known = self._desk.me, self.comfort
        if me is None or not ranks(me.role, "supervisor"):
            return
        alerts = await self._desk.client.alerts()
        new = [each for each in alerts if (each.name, each.since) not in self._alarmed]
        self._alarmed = frozenset((each.name, each.since) for each in alerts)
        if not new:
            return
        if getattr(self._app.screen, "context", "") != "live":
            self._desk.say("; ".join(f"{ALERT} {one_line(each.name)}: {one_line(each.words)}" for each in new), "bad")
        if known is not None and known.bell != "off" and not self.quiet:
            self._noticing.ring()

    async def _named(self, told: str) -> str:
        """With the name of who wrote last, cleaned."""
        for view in ("mentions", "mine", "unassigned"):
            page = await self._desk.client.conversations(view, "is:unread", limit=1)
            if page.items and (name := own(page.items[0].customer_name, NAME_AT_MOST)):
                return f"{name}: {told}"
        return told

    async def be_quiet(self, quiet: bool) -> None:
        """No bell, no notice, no counts in the title; or all of it again."""
        self.quiet = quiet
        said = "quiet: no bell, no notices, no counts in the title" if quiet else "no longer quiet"
        self._desk.say(said, "good")
        await self._count_now()

    def _write(self, data: str) -> None:
        driver = self._app._driver
        if driver is not None and not self._app.is_headless:
            driver.write(data)

    def _entitle(self, text: str | None) -> None:
        entitle = getattr(self._app._driver, "entitle", None)
        if entitle is not None and not self._app.is_headless:
            entitle(text)


def comforts_of(app: App[Any]) -> Comforts:
    """Those of the app, which made them."""
    found: Comforts = app.comforts  # type: ignore[attr-defined]
    return found


def from_file(finding: str) -> str:
    """A finding without the folders before the file's name."""
    path, separator, rest = finding.partition("desk.toml")
    return f"desk.toml{rest}" if separator and os.sep in path else finding
