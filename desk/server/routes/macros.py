"""Macros: listed, previewed, run on one conversation or many."""

from __future__ import annotations

from litestar import get, post
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from desk.answers.model import MacroPreview, MacroResult
from desk.model import Agent, Problem
from desk.server.desk import Desk
from desk.server.problems import BadRequest
from desk.server.routes.common import Rep, TheDesk, Zone, found
from desk.service import macros as doing
from desk.service.errors import ServiceError
from desk.service.journal import Group
from desk.service.steps import Means
from desk.steps import Macro, Step, StepError, parse

AT_ONCE = 1_000
"""Conversations of one request."""


class PreviewBody(Struct, forbid_unknown_fields=True):
    name: str
    ids: list[int]


class RunBody(Struct, forbid_unknown_fields=True):
    name: str
    ids: list[int]
    seen: dict[int, int] = {}
    """Conversation to the newest message its preview knew of; a reply is refused if there is a newer."""


@get("/macros", sync_to_thread=False)
def macros(desk: TheDesk) -> list[Macro]:
    """Those of `desk.toml`, in its order."""
    return list(desk.settings.macros.values())


@post("/macros/preview", status_code=HTTP_200_OK, may="work")
async def preview_macro(desk: TheDesk, agent: Rep, zone: Zone, data: PreviewBody) -> list[MacroPreview]:
    """What each step would do to each conversation. Nothing is changed."""
    todo = macro_steps(desk, data.name)
    await desk.answers.shelf.ready()
    means = desk.means(zone)
    return [
        await desk.threads.read(doing.preview, desk.store, desk.clock, agent, id, todo, means) for id in _few(data.ids)
    ]


@post("/macros/run", status_code=HTTP_200_OK, may="work")
async def run_macro(desk: TheDesk, agent: Rep, zone: Zone, data: RunBody) -> list[MacroResult]:
    """Do it to each conversation, wholly or not at all; what stood in the way is told for each."""
    todo = macro_steps(desk, data.name)
    await desk.answers.shelf.ready()
    group, means = Group(f"macro {data.name}"), desk.means(zone)
    return [await _run(desk, agent, id, todo, means, group, data.seen.get(id)) for id in _few(data.ids)]


async def _run(
    desk: Desk, agent: Agent, id: int, todo: list[Step], means: Means, group: Group, seen: int | None
) -> MacroResult:
    try:
        await desk.write(doing.run, agent, id, todo, means, group, seen_message_id=seen)
    except ServiceError as error:
        return MacroResult(
            conversation_id=id, problem=Problem(code=error.code, message=error.message, detail=error.detail)
        )
    return MacroResult(conversation_id=id)


def macro_steps(desk: Desk, name: str) -> list[Step]:
    """What a macro of `desk.toml` does. Raises NotFound."""
    macro = found(desk.settings.macros.get(name), "macro", name)
    try:
        return [parse(step) for step in macro.steps]
    except StepError as error:
        raise BadRequest("bad-step", str(error)) from error


def _few(ids: list[int]) -> list[int]:
    if len(ids) > AT_ONCE:
        raise BadRequest("bad-request", f"at most {AT_ONCE} conversations at once")
    return list(dict.fromkeys(ids))


HANDLERS = [macros, preview_macro, run_macro]
