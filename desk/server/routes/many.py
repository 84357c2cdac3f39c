"""Acts on many conversations: those named, or all of a view that match a query."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED
from msgspec import Struct

from desk.answers.model import MacroPlan
from desk.model import Agent, BulkJob
from desk.server.desk import Desk
from desk.server.problems import BadRequest
from desk.server.routes.common import Rep, TheDesk, Zone
from desk.server.routes.macros import macro_steps
from desk.service import macros
from desk.service.journal import Group
from desk.service.many import Act
from desk.service.views import select
from desk.steps import Step, StepError, parse, render

WAIT_AT_MOST = 60.0
NAMED_AT_MOST = 100_000
PREVIEWED_AT_MOST = 200

Wait = Annotated[float, Parameter(ge=0, le=WAIT_AT_MOST, description="Seconds to wait for a change.")]


class ManyBody(Struct, forbid_unknown_fields=True, kw_only=True):
    macro: str = ""
    """Its name."""
    ids: list[int] | None = None
    view: str | None = None
    """Instead of ids: all of a view"""
    q: str = ""
    """that match a query,"""
    without: list[int] = []
    """but these."""


class BulkBody(ManyBody, forbid_unknown_fields=True, kw_only=True):
    steps: list[str] = []
    """Such as `resolve`, `tag +refund -old`, `assign me`, `snooze 3d`; or else a `macro`."""
    seen_message_id: int | None = None
    """The newest message there was when the rep looked; an answer is refused where somebody wrote since."""


@post("/macros/plan", status_code=HTTP_200_OK, may="work")
async def plan_macro(desk: TheDesk, agent: Rep, zone: Zone, data: ManyBody) -> MacroPlan:
    """What a macro would do: to how many, and to the first of them step by step. Nothing is changed."""
    todo = macro_steps(desk, data.macro)
    seen = await desk.threads.read(desk.store.messages.newest)
    ids = await _chosen(desk, agent, zone, data)
    await desk.answers.shelf.ready()
    means = desk.means(zone)
    return MacroPlan(
        total=len(ids),
        previews=tuple(
            [
                await desk.threads.read(macros.preview, desk.store, desk.clock, agent, id, todo, means)
                for id in ids[:PREVIEWED_AT_MOST]
            ]
        ),
        seen_message_id=seen,
    )


@post("/bulk", status_code=HTTP_202_ACCEPTED, may="work")
async def bulk(desk: TheDesk, agent: Rep, zone: Zone, data: BulkBody) -> BulkJob:
    """Do steps, or a macro, to many conversations. One undo takes all back."""
    todo, said = _todo(desk, data)
    ids = await _chosen(desk, agent, zone, data)
    await desk.answers.shelf.ready()
    return desk.bulk.start(
        Act(
            agent=agent,
            ids=ids,
            todo=todo,
            means=desk.means(zone),
            group=Group(f"{said} · {len(ids)} conversation{'s' if len(ids) != 1 else ''}"),
            seen_message_id=data.seen_message_id,
        )
    )


def _todo(desk: Desk, data: BulkBody) -> tuple[list[Step], str]:
    """The steps, and what they are called."""
    if bool(data.steps) == bool(data.macro):
        raise BadRequest("bad-step", "say what is to be done: steps such as `resolve`, or a macro")
    if data.macro:
        return macro_steps(desk, data.macro), f"macro {data.macro}"
    try:
        todo = [parse(step) for step in data.steps]
    except StepError as error:
        raise BadRequest("bad-step", str(error)) from error
    return todo, ", ".join(map(render, todo))


async def _chosen(desk: Desk, agent: Agent, zone: tzinfo | None, data: ManyBody) -> list[int]:
    if (data.ids is None) == (data.view is None):
        raise BadRequest("bad-request", "name either ids or a view")
    if data.view is not None:
        selection = select(desk.settings.views, agent, data.view, data.q, now=desk.clock.now(), zone=zone)
        left = set(data.without)
        return [id for id in await desk.threads.read(desk.store.views.ids, selection) if id not in left]
    ids = data.ids or []
    if len(ids) > NAMED_AT_MOST:
        raise BadRequest("bad-request", f"at most {NAMED_AT_MOST} ids at once")
    return list(dict.fromkeys(ids))


@get("/bulk/{id:int}")
async def bulk_job(desk: TheDesk, id: int, wait: Wait = 0.0) -> BulkJob:
    """Progress; with `wait`, answer when it changed or after that many seconds."""
    return await desk.bulk.wait(id, wait)


@post("/bulk/{id:int}/cancel", status_code=HTTP_200_OK, may="work")
async def cancel_bulk(desk: TheDesk, id: int) -> BulkJob:
    """Ask it to end; what is done stays, and one undo takes it back."""
    return desk.bulk.cancel(id)


HANDLERS = [plan_macro, bulk, bulk_job, cancel_bulk]
