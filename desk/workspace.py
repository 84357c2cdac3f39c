"""Where a workspace's files lie, and that nobody else can read them.

Imported by every command before anything is on the screen, so it imports next to nothing itself.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

SOCKET_PATH_BYTES = 100
"""The longest socket path used. `sun_path` holds 108 bytes on Linux and 104 elsewhere (unix(7))."""

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


class WorkspaceError(Exception):
    """The workspace cannot be used; the message says what, where and what to do."""


def default_workspace() -> Path:
    """The folder used when nobody names one: `DESK_WORKSPACE`, else the platform's place for user data."""
    named = os.environ.get("DESK_WORKSPACE")
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("desk", appauthor=False))


class Workspace:
    """One workspace: a folder with everything Desk keeps, secrets excepted."""

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = default_workspace() if folder is None else Path(folder).expanduser().absolute()
        self.settings = self.folder / "desk.toml"
        self.database = self.folder / "desk.db"
        self.attachments = self.folder / "attachments"
        self.answers = self.folder / "answers"
        """Canned answers, as files that people edit; it may be a link to a folder elsewhere."""
        self.logs = self.folder / "logs"
        self.log = self.logs / "server.log"
        """What the server did; rotated."""
        self.console = self.logs / "console.log"
        """What a server started in the background wrote to its standard output and error, since its last start."""
        self.lock = self.folder / "desk.lock"
        """Held by the one server; its lines are the server's process id and socket."""

    def __str__(self) -> str:
        return str(self.folder)

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder)!r})"

    @property
    def socket(self) -> Path:
        """The server's socket: in the workspace, or, if that path is too long, in a private runtime folder.

        Raises WorkspaceError if the runtime folder belongs to somebody else.
        """
        own = self.folder / "desk.sock"
        if len(os.fsencode(own)) < SOCKET_PATH_BYTES:
            return own
        named = self._lock_lines()[1:]
        if named and os.path.exists(named[0]):
            return Path(named[0])
        from hashlib import blake2b

        digest = blake2b(os.fsencode(self.folder), digest_size=12).hexdigest()
        return _runtime_folder() / f"{digest}.sock"

    def prepare(self) -> Workspace:
        """Make what is missing, and private what is not. Raises WorkspaceError."""
        try:
            for folder in (self.folder, self.attachments, self.logs):
                _private_folder(folder)
            for file in (self.settings, self.database):
                if file.exists():
                    _restrict(file, PRIVATE_FILE)
        except OSError as error:
            raise WorkspaceError(
                f"the workspace {self.folder} cannot be used: {error.strerror or error}"
                " (choose another folder with --workspace or DESK_WORKSPACE)"
            ) from error
        return self

    def holder(self) -> int | None:
        """The process id that the lock file names. It says nothing of whether that process still runs."""
        lines = self._lock_lines()
        return int(lines[0]) if lines and lines[0].isdecimal() else None

    def _lock_lines(self) -> list[str]:
        try:
            return self.lock.read_text("utf-8", errors="surrogateescape").splitlines()
        except OSError:
            return []


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    _restrict(folder, PRIVATE_FOLDER)


def _restrict(path: Path, mode: int) -> None:
    if stat.S_IMODE(path.stat().st_mode) & ~mode:
        path.chmod(mode)


def _runtime_folder() -> Path:
    base = os.environ.get("XDG_RUNTIME_DIR")
    if base:
        folder = Path(base) / "desk"
        if len(os.fsencode(folder)) + 32 < SOCKET_PATH_BYTES and _is_mine(folder):
            return folder
    folder = Path("/tmp") / f"desk-{os.getuid()}"
    if not _is_mine(folder):
        raise WorkspaceError(
            f"{folder} belongs to somebody else or is open to others, so no socket is made there"
            " (use a workspace with a shorter path)"
        )
    return folder


def _is_mine(folder: Path) -> bool:
    """Make the folder if it is missing; whether it is a real folder, ours, and closed to all others."""
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077
