"""`desk` without a command: open the terminal, importing as little as possible before it."""

from __future__ import annotations

import sys

from desk.cli.failures import Exit


def open_terminal(workspace: str | None = None, agent: str | None = None) -> int:
    """Start the server if none runs, and show the inbox until the rep leaves."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("desk: the terminal needs a terminal; in scripts use commands, see `desk --help`\n")
        return Exit.USAGE
    from desk.cli.where import default_agent, personal, resolve_workspace

    folder = resolve_workspace(workspace)
    who = agent or default_agent(folder)
    from desk.app import run

    return run(folder, who, theme=str(personal(folder, who, "theme") or ""))
