"""Roles: one table says who may do what, and a deed that needs more than the rep has does not happen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from desk.model import ROLES, Role
from desk.server.routes import HANDLERS
from desk.service import inbox, macros, transferring
from desk.service.errors import Forbidden
from desk.service.journal import Group
from desk.service.permitting import PERMISSIONS, Deed, allowed
from desk.service.steps import Means
from desk.steps import Assign, SetPriority, Transfer
from tests.service.world import World, mail

READING = {"GET", "HEAD", "OPTIONS"}


def test_every_route_that_changes_something_says_what_one_must_be_allowed_to_do() -> None:
    changing = [each for each in HANDLERS if isinstance(each, HTTPRouteHandler) and not each.http_methods <= READING]
    assert len(changing) > 60
    assert [each.paths for each in changing if each.opt.get("may") not in PERMISSIONS] == []


def test_the_documentation_has_the_table() -> None:
    document = (Path(__file__).parents[2] / "docs/people.md").read_text()
    rows = [f"| {each.what} | {' | '.join(_marks(each.least))} |" for each in PERMISSIONS.values()]
    assert re.findall(r"^\| .* \| [✓ ] \| [✓ ] \| [✓ ] \|$", document, re.MULTILINE) == rows


def _marks(least: Role) -> list[str]:
    return ["✓" if ROLES.index(role) >= ROLES.index(least) else " " for role in ROLES]


@pytest.mark.parametrize("deed", PERMISSIONS)
def test_a_higher_role_may_all_that_a_lower_one_may(world: World, deed: Deed) -> None:
    may = [allowed(replace(world.ada, role=role), deed) for role in ROLES]
    assert may == sorted(may)
    assert may[-1]


def test_only_supervisors_take_a_conversation_from_a_colleague(world: World) -> None:
    id = world.one(mail()).conversation_id
    with world.store.write():
        world.store.queues.ensure("Returns")
    rep = replace(world.ada, role="rep")
    inbox.claim(world.store, world.clock, world.ben, id)
    for to in (rep, None):
        with pytest.raises(Forbidden, match="only supervisors and admins may take a conversation from a colleague"):
            inbox.assign(world.store, world.clock, rep, id, to)
    for step in (Assign("me"), Transfer(rep="ada"), Transfer(queue="Returns")):
        with pytest.raises(Forbidden):
            macros.run(world.store, world.clock, rep, id, [SetPriority("high"), step], Means(), Group("macro"))
    kept = world.conversation(id)
    assert (kept.assignee_id, kept.queue_id, kept.priority) == (world.ben.id, None, "normal")
    inbox.assign(world.store, world.clock, replace(rep, role="supervisor"), id, rep)
    assert world.conversation(id).assignee_id == rep.id


def test_what_is_nobodys_or_ones_own_may_be_given_by_every_rep(world: World) -> None:
    id = world.one(mail()).conversation_id
    rep = replace(world.ada, role="rep")
    inbox.assign(world.store, world.clock, rep, id, rep)
    transferring.transfer(world.store, world.clock, rep, id, to=world.ben)
    transferring.transfer(world.store, world.clock, rep, id, to=world.ben, note="She called again.")
    assert world.conversation(id).assignee_id == world.ben.id
