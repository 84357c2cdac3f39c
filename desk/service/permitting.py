"""Who may do what: one table, from which every route and every deed of the service is judged.

What a rep's role is stands in `Agent.role`, which is read from the settings at each request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from desk.model import ROLES, Agent, Conversation, Role
from desk.model.staffing import ranks
from desk.service.errors import Forbidden

Deed = Literal["work", "reassign", "supervise", "direct", "publish", "configure", "connect", "stop"]


class Permission(Struct, frozen=True):
    """From which role on something is allowed, and what that is: it follows "may"."""

    least: Role
    what: str


PERMISSIONS: Mapping[Deed, Permission] = {
    "work": Permission("rep", "work on conversations, customers and answers, and say how they want Desk themselves"),
    "reassign": Permission("supervisor", "take a conversation from a colleague"),
    "supervise": Permission("supervisor", "listen in on a colleague's conversation, whisper to them, and take it over"),
    "direct": Permission("supervisor", "open and close queues, and say who works in them and who is there"),
    "publish": Permission("supervisor", "write the help articles that visitors read"),
    "configure": Permission("admin", "change the settings of all"),
    "connect": Permission("admin", "connect accounts, keep their secrets and bring in old mail"),
    "stop": Permission("admin", "stop the server"),
}


def allowed(agent: Agent, deed: Deed) -> bool:
    """Whether a rep may do that."""
    return ranks(agent.role, PERMISSIONS[deed].least)


def require(agent: Agent, deed: Deed) -> None:
    """Raises `Forbidden` unless the rep may do that."""
    if not allowed(agent, deed):
        permission = PERMISSIONS[deed]
        raise Forbidden(deed, permission.least, f"only {_those(permission.least)} may {permission.what}")


def require_taking(agent: Agent, conversation: Conversation) -> None:
    """Raises `Forbidden` if it is a colleague's, from whom the rep may not take it."""
    if conversation.assignee_id not in (None, agent.id):
        require(agent, "reassign")


def _those(least: Role) -> str:
    return " and ".join(f"{role}s" for role in ROLES if ranks(role, least))
