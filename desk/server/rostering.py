"""Who is to be there, as the settings and a calendar file say; and whom the next hours take, beside them."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path

from desk.clock import HOUR, Millis
from desk.model import Staffing
from desk.roster import Turn, turns_in, turns_of
from desk.server.core import Core
from desk.server.people import People
from desk.server.promising import said
from desk.service import promises
from desk.service.live import rostered, staffing
from desk.settings import Settings
from desk.zones import local_zone


def staffing_of(
    core: Core, people: People, settings: Settings, hours: int, aim: staffing.Aim, zone: tzinfo | None
) -> Staffing:
    """The next hours. Reads all that came in weeks: not for the event loop."""
    now = core.clock.now()
    store, floor = core.store, people.floor()
    reps = {agent.login.casefold(): agent for agent in people.all()}
    since = now - now % HOUR
    turns, notes = _turns(core, people, settings, since - HOUR, since + (hours + 1) * HOUR)

    def works(login: str, queue_id: int) -> bool:
        agent = reps.get(login.casefold())
        return agent is not None and queue_id in floor.queues and floor.works(agent.id, people.staff(agent), queue_id)

    spans = store.availabilities.now()
    there = [login for login, agent in reps.items() if agent.id in spans and spans[agent.id].state == "available"]
    needs = staffing.needs(store, now, hours, aim, zone)
    names = {id: queue.name for id, queue in floor.queues.items()}
    return Staffing(
        at=now,
        hours=tuple(rostered.beside(needs, names, turns, works)),
        available=rostered.available(names, there, works),
        notes=tuple(notes),
    )


def _turns(
    core: Core, people: People, settings: Settings, since: Millis, until: Millis
) -> tuple[list[Turn] | None, list[str]]:
    """All turns, and what cannot be understood; None: nothing says who is to be there."""
    if not settings.shifts and not settings.roster:
        return None, []
    known = promises.of(core.store)
    clocks = {name: known.clock(name) for name in settings.calendars}
    turns = list(turns_of(settings.shifts.values(), clocks, since, until))
    named = {name.casefold(): agent.login for agent in people.all() for name in (agent.name, agent.login)}
    notes = [
        f"[shifts.{shift.name}] names {login}, who is no rep here"
        for shift in settings.shifts.values()
        for login in shift.reps
        if login.casefold() not in named
    ]
    if settings.roster:
        try:
            data = Path(settings.roster).read_bytes()
            zone = settings.hours.zone or local_zone() or "UTC"
            found, unknown = turns_in(data, zone, lambda name: _login(named, name), since, until)
            turns += found
            notes += [f"[roster] {settings.roster} names {name}, who is no rep here" for name in unknown]
        except (OSError, ValueError) as error:
            notes.append(f"[roster] {settings.roster} {said(error)}")
    return turns, notes


def _login(named: dict[str, str], name: str) -> str | None:
    """Whose a name is, or an address that begins with their login."""
    return named.get(name.casefold()) or named.get(name.casefold().partition("@")[0])
