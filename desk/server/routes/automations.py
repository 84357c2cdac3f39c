"""Automations: what there is, and what they would have done."""

from __future__ import annotations

from typing import get_args

from litestar import get, post, put
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from desk.clock import DAY
from desk.model import AutoMail, AutoMailState, AutomationInfo, Refusal, Trial
from desk.server.routes.common import Before, Limit, Rep, TheDesk, found
from desk.server.routes.rules import Days
from desk.service import automations as doing
from desk.service import letters, refusals
from desk.text import fold_address


class RefusalBody(Struct, forbid_unknown_fields=True):
    refuses: bool
    """False: they do want it again."""


@get("/automations")
async def automations(desk: TheDesk) -> list[AutomationInfo]:
    """Those of `desk.toml`, in its order."""
    return await desk.threads.read(doing.listed, desk.store, desk.clock, list(desk.settings.automations.values()))


@get("/automations/try")
async def try_automations(desk: TheDesk, days: Days = 7, name: str = "") -> list[Trial]:
    """What they, or one of them, would have done since then. Nothing is changed."""
    known = desk.settings.automations
    wanted = [found(known.get(name), "automation", name)] if name else list(known.values())
    since = desk.clock.now() - round(days * DAY)
    return await desk.threads.read(doing.tried, desk.store, desk.clock, wanted, since, await desk.mailing())


@get("/automations/mails")
async def automatic_mails(
    desk: TheDesk, became: AutoMailState | None = None, name: str = "", before: Before = None, limit: Limit = 100
) -> list[AutoMail]:
    """Mail of automations, newest first: planned, held and why, queued and what became of it, dropped and why."""
    states = (became,) if became else get_args(AutoMailState)
    return await desk.threads.read(
        lambda: desk.store.auto_mails.page(states, automation=name, before=before, limit=limit)
    )


@post("/automations/mails/{mail_id:int}/drop", status_code=HTTP_200_OK, may="work")
async def drop_mail(desk: TheDesk, agent: Rep, mail_id: int) -> AutoMail:
    """Let one that is planned or held not go. 409 `too-late` if it is neither."""
    return await desk.write(letters.drop, agent, mail_id)


@get("/refusals", sync_to_thread=False)
def refused(desk: TheDesk, before: Before = None, limit: Limit = 100) -> list[Refusal]:
    """Addresses that want no automatic mail, newest first."""
    return desk.store.refusals.standing(before=before, limit=limit)


@get("/refusals/{address:str}", sync_to_thread=False)
def refusal_history(desk: TheDesk, address: str) -> list[Refusal]:
    """All that was said of an address, newest first."""
    return desk.store.refusals.of(fold_address(address))


@put("/refusals/{address:str}", may="work")
async def set_refusal(desk: TheDesk, agent: Rep, address: str, data: RefusalBody) -> Refusal:
    """Note what a customer told a rep: no automatic mail to that address, or again."""
    return await desk.write(refusals.by_rep, agent, address, refuses=data.refuses)


HANDLERS = [automations, try_automations, automatic_mails, drop_mail, refused, refusal_history, set_refusal]
