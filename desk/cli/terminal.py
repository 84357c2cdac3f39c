"""`desk` without a command: open the terminal, importing as little as possible before it."""

from __future__ import annotations

import os
import sys

from desk.cli.failures import Exit


def open_terminal(workspace: str | None = None, agent: str | None = None, *, linear: bool = False) -> int:
    """Start the server if none runs, and show the inbox until the rep leaves; with `linear`, line by line."""
    from desk.cli.where import default_agent, personal, resolve_workspace

    folder = resolve_workspace(workspace)
    who = agent or default_agent(folder)
    if linear or personal(folder, who, "linear") is True or (sys.stdin.isatty() and os.environ.get("TERM") == "dumb"):
        from desk.cli.linear import open_linear

        return open_linear(folder, who)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("desk: the terminal needs a terminal; in scripts use commands, see `desk --help`\n")
        return Exit.USAGE
    from desk.app import run

    return run(folder, who, theme=str(personal(folder, who, "theme") or ""))
