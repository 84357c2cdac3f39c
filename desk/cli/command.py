"""What all commands share: the options every one takes, the connection, the way errors end them."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from functools import update_wrapper
from inspect import iscoroutinefunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import click

from desk.cli.failures import Exit, Failure, from_status
from desk.cli.output import Output, Styled

if TYPE_CHECKING:
    from desk.client import Client

P = ParamSpec("P")

ID = click.IntRange(min=1)


class Desk:
    """One run of one command: which workspace, as whom, and where to write."""

    client: Client
    """Open while an asynchronous command runs."""

    def __init__(self, workspace: Path, agent: str, *, as_json: bool = False) -> None:
        self.workspace = workspace
        self.agent = agent
        self.as_json = as_json
        self.out = Output()
        self.errors = Output(sys.stderr)

    def show(self, value: Any, text: Callable[[], None]) -> None:
        """The result: `value` with `--json`, else whatever `text` writes."""
        if self.as_json:
            self.out.json(value)
        else:
            text()

    def said(self, value: Any, *pieces: str | Styled) -> None:
        """The result as one sentence, or as `value` with `--json`."""
        self.show(value, lambda: self.out.line(*pieces))

    def fail(self, failure: Failure) -> None:
        """Say on stderr why the command ends."""
        if self.as_json:
            problem = {"code": failure.code, "message": str(failure), "hint": failure.hint, "detail": failure.detail}
            self.errors.json(problem)
            return
        self.errors.text(Styled("desk: ", "red"), str(failure))
        if failure.hint:
            self.errors.text(failure.hint)


def default_agent() -> str:
    """Who types: `DESK_AGENT`, else the operating system's user."""
    named = os.environ.get("DESK_AGENT")
    if named:
        return named
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "agent"


def resolve_workspace(named: str | None) -> Path:
    """The workspace's folder: as named, else `DESK_WORKSPACE`, else the user's own."""
    from desk.workspace import Workspace

    return Workspace(named or None).folder


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command takes, before or after its name."""
    for option in (
        click.option("--agent", metavar="NAME", help="Act as this rep (default: $DESK_AGENT, else your user name)."),
        click.option("--workspace", metavar="DIR", help="The workspace's folder (default: $DESK_WORKSPACE)."),
        click.option("--json", "as_json", is_flag=True, help="Answer in JSON; see docs/cli.md for the keys."),
    ):
        function = option(function)
    return function


def command(
    name: str, *, start: bool = True
) -> Callable[[Callable[Concatenate[Desk, P], Awaitable[None] | None]], click.Command]:
    """Make a command of a function whose first argument is the `Desk`.

    An `async` one runs with `desk.client` open; the server is started if none runs, unless `start` is False.
    """

    def decorate(function: Callable[Concatenate[Desk, P], Awaitable[None] | None]) -> click.Command:
        def run(workspace: str | None, agent: str | None, as_json: bool, **given: Any) -> None:
            desk = _desk(workspace, agent, as_json)
            try:
                if iscoroutinefunction(function):
                    _run_connected(desk, function, given, start=start)
                else:
                    function(desk, **given)  # type: ignore[call-arg]
            except Failure as failure:
                sys.stdout.flush()
                desk.fail(failure)
                raise click.exceptions.Exit(failure.exit) from failure

        return click.command(name)(shared(update_wrapper(run, function)))

    return decorate


def _desk(workspace: str | None, agent: str | None, as_json: bool) -> Desk:
    outer: dict[str, Any] = click.get_current_context().find_root().obj or {}
    return Desk(
        resolve_workspace(workspace or outer.get("workspace")),
        agent or outer.get("agent") or default_agent(),
        as_json=as_json or bool(outer.get("as_json")),
    )


def _run_connected(desk: Desk, function: Callable[..., Any], given: dict[str, Any], *, start: bool) -> None:
    import asyncio

    from desk.client import Client, Refused, Unreachable

    async def connected() -> None:
        async with Client(socket, desk.agent) as client:
            desk.client = client
            await function(desk, **given)

    socket = _socket(desk, start=start)
    try:
        asyncio.run(connected())
    except Refused as refused:
        problem = refused.problem
        raise Failure(
            problem.message, code=problem.code, exit=from_status(refused.status, problem.code), detail=problem.detail
        ) from refused
    except Unreachable as unreachable:
        raise Failure(
            str(unreachable),
            code="unreachable",
            exit=Exit.UNREACHABLE,
            hint="`desk doctor` looks for the cause.",
        ) from unreachable


def _socket(desk: Desk, *, start: bool) -> Path:
    from desk.launch import LaunchError, answers, ensure_server
    from desk.workspace import Workspace, WorkspaceError

    try:
        if start:
            return ensure_server(desk.workspace)
        path = Workspace(desk.workspace).socket
    except (LaunchError, WorkspaceError) as error:
        raise Failure(
            str(error), code="unreachable", exit=Exit.UNREACHABLE, hint="`desk doctor` looks for the cause."
        ) from error
    if not answers(path):
        raise Failure(
            f"no server runs for {desk.workspace}",
            code="unreachable",
            exit=Exit.UNREACHABLE,
            hint="Any command that needs one starts it; so does opening `desk`.",
        )
    return path
