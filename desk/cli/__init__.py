"""The command line: `desk` opens the terminal, `desk COMMAND` does one thing and ends."""

from __future__ import annotations

import os
import sys

from desk.cli.failures import Exit, ReaderGone


def main(arguments: list[str] | None = None) -> int:
    """Run `desk` with the given arguments (default: the process's) and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = _run(given)
        sys.stdout.flush()
    except (BrokenPipeError, ReaderGone):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.BROKEN_PIPE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    return code


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        from desk import __version__

        sys.stdout.write(f"desk {__version__}\n")
        return Exit.OK
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    named = _terminal_options(arguments)
    if named is not None and "_DESK_COMPLETE" not in os.environ:
        from desk.cli.terminal import open_terminal

        return open_terminal(named.get("workspace"), named.get("agent"))
    from desk.cli.commands import run

    return run(arguments)


def _terminal_options(arguments: list[str]) -> dict[str, str] | None:
    """What `desk [--workspace DIR] [--agent NAME]` names, None for anything else: the way to the terminal is short."""
    named: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        option, equals, value = rest.pop(0).partition("=")
        if option not in ("--workspace", "--agent") or not (equals or rest):
            return None
        named[option[2:]] = value if equals else rest.pop(0)
    return named
