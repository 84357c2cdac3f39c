"""Automations: what there is, and what they would have done."""

from __future__ import annotations

from litestar import get

from desk.clock import DAY
from desk.model import AutomationInfo, Trial
from desk.server.routes.common import TheDesk, found
from desk.server.routes.rules import Days
from desk.service import automations as doing


@get("/automations")
async def automations(desk: TheDesk) -> list[AutomationInfo]:
    """Those of `desk.toml`, in its order."""
    return await desk.threads.read(doing.listed, desk.store, list(desk.settings.automations.values()))


@get("/automations/try")
async def try_automations(desk: TheDesk, days: Days = 7, name: str = "") -> list[Trial]:
    """What they, or one of them, would have done since then. Nothing is changed."""
    known = desk.settings.automations
    wanted = [found(known.get(name), "automation", name)] if name else list(known.values())
    since = desk.clock.now() - round(days * DAY)
    return await desk.threads.read(doing.tried, desk.store, desk.clock, wanted, since)


HANDLERS = [automations, try_automations]
