"""Rules: what there is, what they would have done, what Desk did by itself in a conversation, and taking it back."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from desk.clock import DAY
from desk.model import Decision, RuleInfo, Trial, Undone
from desk.server.routes.common import Rep, TheDesk, found
from desk.service import planned
from desk.service import rules as doing

Days = Annotated[float, Parameter(gt=0, le=366, description="How many days back.")]


class TakeBackBody(Struct, forbid_unknown_fields=True):
    name: str = ""
    """Such as `rule refunds`; empty: whatever Desk did last."""


@get("/rules")
async def rules(desk: TheDesk) -> list[RuleInfo]:
    """Those of `desk.toml`, in its order."""
    return await desk.threads.read(doing.listed, desk.store, list(desk.settings.rules.values()))


@get("/rules/try")
async def try_rules(desk: TheDesk, days: Days = 7, name: str = "") -> list[Trial]:
    """What they, or one of them, would have done with what came in since then. Nothing is changed."""
    known = desk.settings.rules
    wanted = [found(known.get(name), "rule", name)] if name else list(known.values())
    since = desk.clock.now() - round(days * DAY)
    return await desk.threads.read(doing.tried, desk.store, desk.clock, wanted, since)


@get("/conversations/{id:int}/decisions")
async def decisions(desk: TheDesk, id: int) -> list[Decision]:
    """What Desk did there by itself in the last seven days, newest first."""
    return await desk.threads.read(planned.decisions, desk.store, id)


@post("/conversations/{id:int}/decisions/undo", status_code=HTTP_200_OK, may="work")
async def undo_decision(desk: TheDesk, agent: Rep, id: int, data: TakeBackBody) -> Undone:
    """Take the newest back, or the newest of that name; it is not made there again."""
    return await desk.write(planned.take_back, agent, id, data.name)


HANDLERS = [rules, try_rules, decisions, undo_decision]
