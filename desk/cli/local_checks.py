"""What `desk doctor` can find out without a server."""

from __future__ import annotations

import codecs
import locale
import os
import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from desk import __version__
from desk.model import Check
from desk.settings import Settings
from desk.workspace import Workspace, WorkspaceError

_LEAST_COLUMNS, _LEAST_ROWS = 80, 24
_LEAST_SQLITE = (3, 35)
"""The first with RETURNING; the trigram tokenizer came just before."""
_ROOM = 500_000_000
_QUICK_ESCAPE = 50
_TMUX_SECONDS = 2.0


def local_checks(folder: Path) -> list[Check]:
    """The program, the workspace, its settings and the terminal. Starts nothing, changes nothing."""
    home = Workspace(folder)
    return [_program(), _sqlite(), *_workspace(home), *_settings(home), _server_files(home), *_terminal()]


def _program() -> Check:
    text = f"Desk {__version__} on Python {platform.python_version()} ({sys.executable})"
    return Check(what="program", status="ok", message=text)


def _sqlite() -> Check:
    import sqlite3

    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _LEAST_SQLITE:
        return Check(
            what="SQLite",
            status="failed",
            message=f"{version} is too old for full-text search in every script",
            hint="Use a Python that brings SQLite 3.35 or newer.",
        )
    return Check(what="SQLite", status="ok", message=version)


def _workspace(home: Workspace) -> Iterator[Check]:
    folder = home.folder
    if not folder.exists():
        yield Check(what="workspace", status="ok", message=f"{folder} does not exist yet; it is made when needed")
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Check(
            what="workspace",
            status="failed",
            message=f"{folder} cannot be written by this user",
            hint="Make it yours (chown), or name another folder with --workspace.",
        )
        return
    open_to = [path.name or str(path) for path in (folder, home.database, home.settings) if _open_to_others(path)]
    if open_to:
        yield Check(
            what="workspace",
            status="warning",
            message=f"others can read {', '.join(open_to)} in {folder}",
            hint="The server closes them when it starts next: desk stop, then any command.",
        )
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        yield Check(
            what="disk",
            status="warning",
            message=f"{free / 1e6:,.0f} MB are left on the disk of {folder}",
            hint="Make room: mail that cannot be stored stays on the mail server.",
        )
    yield Check(what="workspace", status="ok", message=str(folder))


def _open_to_others(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _settings(home: Workspace) -> Iterator[Check]:
    from desk.settings import SettingsError, load

    try:
        found = load(home.settings)
    except SettingsError as error:
        for finding in error.findings:
            yield Check(
                what="desk.toml", status="failed", message=finding, hint="Correct it; the server reads it at start."
            )
        return
    if clash := _keys(home):
        yield Check(
            what="desk.toml", status="failed", message=clash, hint="Correct it; the terminal reads it at start."
        )
    yield from _own_dialers(found)
    if home.settings.exists():
        names = ", ".join(found.accounts) or "none"
        yield Check(what="desk.toml", status="ok", message=f"understood; accounts: {names}")
    else:
        yield Check(
            what="desk.toml",
            status="ok",
            message="there is none, so all settings are the defaults and no mailbox is connected",
            hint="desk connect email",
        )


def _own_dialers(settings: Settings) -> Iterator[Check]:
    """Those that dial from this machine; the server tries the others, and says what is wrong with settings."""
    import asyncio

    from connectors.base import ConnectorError
    from desk.phone import check
    from desk.plugins import DIALERS, PluginError, installed

    for dialer in (each for each in settings.dialers.values() if each.enabled):
        try:
            found = asyncio.run(check(dialer)) if installed(DIALERS, "dialer", dialer.dialer).at_the_rep else []
        except (PluginError, ConnectorError):
            continue
        for each in found:
            yield Check(
                what=f"dialer {dialer.name}: {each.what}", status=each.status, message=each.message, hint=each.hint
            )


def _keys(home: Workspace) -> str:
    from desk.keymap import KeymapError, read_keymap

    try:
        read_keymap(home.settings)
    except KeymapError as error:
        return str(error)
    return ""


def _server_files(home: Workspace) -> Check:
    from desk.launch import answers

    try:
        socket = home.socket
    except WorkspaceError as error:
        return Check(what="socket", status="failed", message=str(error))
    holder = home.holder()
    if answers(socket):
        return Check(what="socket", status="ok", message=f"a server (process {holder}) answers at {socket}")
    if holder is not None and _alive(holder):
        return Check(
            what="socket",
            status="warning",
            message=f"process {holder} holds {home.lock} but does not answer at {socket}",
            hint=f"It may be starting or ending. If it stays so, end it: kill {holder}. Its log is {home.log}.",
        )
    return Check(what="socket", status="ok", message="no server runs yet; one is started when needed")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


# --- the terminal -----------------------------------------------------------------------------------------


def _terminal() -> Iterator[Check]:
    yield _encoding()
    if not sys.stdout.isatty():
        yield Check(what="terminal", status="ok", message="the output is no terminal; nothing more to check")
        return
    yield _kind()
    yield _size()
    if os.environ.get("TMUX"):
        yield _tmux()


def _encoding() -> Check:
    name = locale.getpreferredencoding(False)
    if codecs.lookup(name).name == "utf-8" and codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8":
        return Check(what="encoding", status="ok", message="UTF-8")
    return Check(
        what="encoding",
        status="warning",
        message=f"the locale's encoding is {name}: most of the world's letters cannot be shown",
        hint="Set a UTF-8 locale, such as: export LANG=C.UTF-8",
    )


def _kind() -> Check:
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "linux", "vt100"):
        return Check(
            what="terminal",
            status="warning",
            message=f"TERM is {term or 'not set'}: few colours or keys",
            hint="Use a terminal emulator, or set TERM to what yours is, such as xterm-256color.",
        )
    if os.environ.get("NO_COLOR"):
        return Check(what="terminal", status="ok", message=f"{term}, without colours because NO_COLOR is set")
    true = os.environ.get("COLORTERM", "") in ("truecolor", "24bit")
    colours = "16 million colours" if true else "256 colours" if "256" in term else "16 colours"
    return Check(what="terminal", status="ok", message=f"{term}, {colours}")


def _size() -> Check:
    columns, rows = shutil.get_terminal_size()
    if columns < _LEAST_COLUMNS or rows < _LEAST_ROWS:
        return Check(
            what="size",
            status="warning",
            message=f"{columns}×{rows}; Desk is made for {_LEAST_COLUMNS}×{_LEAST_ROWS} and more",
            hint="Make the window larger or the letters smaller.",
        )
    return Check(what="size", status="ok", message=f"{columns}×{rows}")


def _tmux() -> Check:
    try:
        told = subprocess.run(
            ["tmux", "show-options", "-sv", "escape-time"], capture_output=True, text=True, timeout=_TMUX_SECONDS
        )
        delay = int(told.stdout.strip())
    except (OSError, ValueError, subprocess.SubprocessError):
        return Check(what="tmux", status="warning", message="tmux runs, but does not say how long it waits for Escape")
    if delay > _QUICK_ESCAPE:
        return Check(
            what="tmux",
            status="warning",
            message=f"Escape arrives {delay} ms late",
            hint="Put this into ~/.tmux.conf: set -s escape-time 20",
        )
    return Check(what="tmux", status="ok", message=f"Escape arrives within {delay} ms")
