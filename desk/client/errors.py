"""What the client raises."""

from __future__ import annotations

from desk.model import Problem


class ClientError(Exception):
    """Base of what the client raises."""


class Unreachable(ClientError):
    """No server answered: none runs, it is going down, or it took too long."""


class StartOver(ClientError):
    """The server's store is older than what this client has seen: read everything anew, and follow from `seq`."""

    def __init__(self, seq: int) -> None:
        super().__init__("the server's store was replaced by an older one")
        self.seq = seq


class Refused(ClientError):
    """The server answered no. `problem.code` is stable; `problem.message` is for people."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.message)
        self.status = status
        self.problem = problem
