"""What the service refuses, in one small tree; the server turns each into a `desk.model.Problem`."""

from __future__ import annotations

from collections.abc import Mapping

from desk.model import Role


class ServiceError(Exception):
    """Base of all refusals. `code` is stable, `message` is for people and says what to do."""

    def __init__(self, code: str, message: str, detail: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = dict(detail or {})


class NotFound(ServiceError):
    """There is no such thing (404)."""

    def __init__(self, what: str, id: int | str) -> None:
        super().__init__("not-found", f"there is no {what} {id}", {"what": what, "id": str(id)})


class Lost(ServiceError):
    """Somebody or something was first (409): `taken`, `stale`, `moved-on`, `too-late`, `still-quarantined`."""


class Forbidden(ServiceError):
    """The rep's role does not reach that far (403). `deed` is one of `desk.service.permitting`."""

    def __init__(self, deed: str, least: Role, message: str) -> None:
        super().__init__("forbidden", message, {"deed": deed, "role": least})
        self.least = least


class Taken(Lost):
    """Another rep has the conversation already."""

    def __init__(self, agent: str) -> None:
        super().__init__("taken", f"{agent} has it already", {"agent": agent})
        self.agent = agent


class Invalid(ServiceError):
    """The request can never be done as it is (400, 422)."""
