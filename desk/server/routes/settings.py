"""What `desk.toml` says, and saying it otherwise."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import delete, get, put
from litestar.params import Parameter
from msgspec import Struct

from desk.model import Agent
from desk.server.desk import Desk
from desk.server.problems import BadRequest
from desk.server.routes.common import Rep, TheDesk
from desk.service.permitting import require
from desk.settings import Comfort, split_path
from desk.settings.listing import listed
from desk.settings.shown import SettingValue


class ValueBody(Struct, forbid_unknown_fields=True):
    path: str
    """Such as `desk.undo_seconds`, or `accounts."a.b".queue`."""
    value: Any


OWN = frozenset({*Comfort.__struct_fields__, "name", "dialer"})
"""What every rep may set of their own."""

Setting = Annotated[str, Parameter(description='Such as `desk.undo_seconds`, or `accounts."a.b".queue`.')]


@get("/settings", sync_to_thread=False)
def settings(desk: TheDesk, agent: Rep) -> list[SettingValue]:
    """Every setting with its value, where that comes from, and what it is for."""
    return _all(desk, agent)


@put("/settings", may="work")
async def set_setting(desk: TheDesk, agent: Rep, data: ValueBody) -> list[SettingValue]:
    """Write one setting into `desk.toml`, comments kept, and go by it at once; answers it and those in it.

    Everybody may say how they want Desk themselves, in `[reps.LOGIN]`; the rest is for those who may configure.
    """
    await desk.configuring.set(_permitted(agent, _parts(data.path)), data.value)
    return _at(data.path, _all(desk, agent))


@delete("/settings", status_code=200, may="work")
async def unset_setting(desk: TheDesk, agent: Rep, setting: Setting) -> list[SettingValue]:
    """Take a setting, or a whole table, out of `desk.toml`: its default counts. Answers what is left of it."""
    await desk.configuring.unset(_permitted(agent, _parts(setting)))
    return _at(setting, _all(desk, agent))


@get("/comfort", sync_to_thread=False)
def comfort(desk: TheDesk, agent: Rep) -> Comfort:
    """How this rep wants Desk to look and sound."""
    return desk.settings.comfort(agent.login)


def _parts(path: str) -> tuple[str, ...]:
    try:
        parts = split_path(path)
    except ValueError as error:
        raise BadRequest("bad-request", str(error)) from error
    if len(parts) < 2:
        raise BadRequest("bad-request", f"{path} is a table; name a setting in it, such as desk.undo_seconds")
    return parts


def _permitted(agent: Agent, parts: tuple[str, ...]) -> tuple[str, ...]:
    """The setting, if the rep may change it. Raises Forbidden."""
    own = len(parts) == 3 and parts[:2] == ("reps", agent.login) and parts[2] in OWN
    if not own:
        require(agent, "configure")
    return parts


def _all(desk: Desk, agent: Agent) -> list[SettingValue]:
    return listed(desk.configuring.text, desk.home.settings, agent.login)


def _at(path: str, values: list[SettingValue]) -> list[SettingValue]:
    return [value for value in values if value.path == path or value.path.startswith(path + ".")]


HANDLERS = [settings, set_setting, unset_setting, comfort]
