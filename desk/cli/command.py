"""What all commands share: the options every one takes, the connection, the way errors end them."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Coroutine
from functools import update_wrapper
from inspect import iscoroutinefunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from desk.cli.failures import Exit, Failure, ReaderGone, from_status
from desk.cli.output import Output, Styled
from desk.cli.where import default_agent, resolve_workspace

if TYPE_CHECKING:
    from desk.client import Client

P = ParamSpec("P")
T = TypeVar("T")

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

    def connected(self, work: Callable[[Client], Coroutine[Any, Any, T]], *, start: bool = True) -> T:
        """Do something with a client, on a loop of its own. Raises Failure for whatever the server says no to."""
        import asyncio

        from desk.client import Client, Refused, Unreachable

        async def run() -> T:
            async with Client(socket, self.agent) as client:
                self.client = client
                return await work(client)

        socket = _socket(self.workspace, start=start)
        try:
            return asyncio.run(run())
        except Refused as refused:
            problem = refused.problem
            code = problem.code
            exit = from_status(refused.status, code)
            raise Failure(problem.message, code=code, exit=exit, detail=problem.detail) from refused
        except Unreachable as error:
            raise _unreachable(str(error)) from error

    def fail(self, failure: Failure) -> None:
        """Say on stderr why the command ends."""
        if self.as_json:
            problem = {"code": failure.code, "message": str(failure), "hint": failure.hint, "detail": failure.detail}
            self.errors.json(problem)
            return
        self.errors.text(Styled("desk: ", "red"), str(failure))
        if failure.hint:
            self.errors.text(failure.hint)


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command takes, before or after its name."""
    for option in (
        click.option("--agent", metavar="NAME", help="Act as this rep (default: $DESK_AGENT, else your user name)."),
        click.option("--workspace", metavar="DIR", help="The workspace's folder (default: $DESK_WORKSPACE)."),
        click.option("--json", "as_json", is_flag=True, help="Answer in JSON; see docs/cli.md for the keys."),
    ):
        function = option(function)
    return function


_SHARED = 3
"""How many options `shared` adds."""


def command(
    name: str, *, start: bool = True
) -> Callable[[Callable[Concatenate[Desk, P], Awaitable[None] | None]], click.Command]:
    """Make a command of a function whose first argument is the `Desk`.

    An `async` one runs with `desk.client` open; the server is started if none runs, unless `start` is False.
    """

    def decorate(function: Callable[Concatenate[Desk, P], Awaitable[None] | None]) -> click.Command:
        work: Callable[..., Any] = function

        def run(workspace: str | None, agent: str | None, as_json: bool, **given: Any) -> None:
            desk = _desk(workspace, agent, as_json)
            try:
                if iscoroutinefunction(function):
                    desk.connected(lambda _: work(desk, **given), start=start)
                else:
                    work(desk, **given)
                sys.stdout.flush()
            except BrokenPipeError as error:
                raise ReaderGone from error
            except Failure as failure:
                sys.stdout.flush()
                desk.fail(failure)
                raise click.exceptions.Exit(failure.exit) from failure

        made = click.command(name)(shared(update_wrapper(run, function)))
        made.params = [*made.params[_SHARED:], *made.params[:_SHARED]]
        return made

    return decorate


def _desk(workspace: str | None, agent: str | None, as_json: bool) -> Desk:
    outer: dict[str, Any] = click.get_current_context().find_root().obj or {}
    folder = resolve_workspace(workspace or outer.get("workspace"))
    return Desk(
        folder,
        agent or outer.get("agent") or default_agent(folder),
        as_json=as_json or bool(outer.get("as_json")),
    )


def _socket(workspace: Path, *, start: bool) -> Path:
    from desk.launch import LaunchError, answers, ensure_server
    from desk.workspace import Workspace, WorkspaceError

    try:
        if start:
            return ensure_server(workspace)
        path = Workspace(workspace).socket
    except (LaunchError, WorkspaceError) as error:
        raise _unreachable(str(error)) from error
    if not answers(path):
        raise _unreachable(
            f"no server runs for {workspace}", "Any command that needs one starts it; so does opening `desk`."
        )
    return path


def _unreachable(message: str, hint: str = "`desk doctor` looks for the cause.") -> Failure:
    return Failure(message, code="unreachable", exit=Exit.UNREACHABLE, hint=hint)
