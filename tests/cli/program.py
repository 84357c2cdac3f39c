"""`desk` as a program: started as a process of its own, its output and exit code looked at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from desk.clock import Clock, SystemClock
from desk.mail.packing import pack
from desk.mail.parse import Broken, parse
from desk.mail.parsed import Parsed, Refused, Source
from desk.service import ingest
from desk.store.sqlite import open_store
from desk.workspace import Workspace
from tests.servers.stem import COMMANDS, stem

READ_AT_THE_START = frozenset(("LANG", "LC_ALL", "LC_CTYPE", "PYTHONUTF8"))
"""Of the environment, what Python goes by before anything of ours: a program that is forked does not read it again."""


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def problem(self) -> Any:
        """The problem on stderr of a run with `--json`."""
        return json.loads(self.err)


class Program:
    """Runs `desk` in one workspace as one rep; standard input, output and error are files."""

    def __init__(self, home: Workspace, *, agent: str = "mia", environment: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.agent = agent
        self._environment = dict(environment or {})

    def __call__(self, *arguments: str, stdin: str = "", timeout: float = 60, **environment: str) -> Ended:
        if environment.keys() & READ_AT_THE_START:
            return self._anew(arguments, stdin, timeout, environment)
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(stdin.encode())
            given.seek(0)
            streams = (given.fileno(), out.fileno(), err.fileno())
            process = stem().fork(COMMANDS, arguments, {**self.environment, **environment}, streams)
            try:
                code = process.wait(timeout)
            finally:
                process.kill()
            out.seek(0)
            err.seek(0)
            return Ended(code, out.read().decode(), err.read().decode())

    def _anew(self, arguments: Sequence[str], stdin: str, timeout: float, environment: Mapping[str, str]) -> Ended:
        done = subprocess.run(
            self.command(*arguments),
            input=stdin.encode(),
            capture_output=True,
            timeout=timeout,
            check=False,
            env={**self.environment, **environment},
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, *arguments: str, stdin: str = "", **environment: str) -> Ended:
        """A run that must succeed."""
        ended = self(*arguments, stdin=stdin, **environment)
        assert ended.code == 0, f"desk {' '.join(arguments)} ended with {ended.code}:\n{ended.out}\n{ended.err}"
        return ended

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "desk.cli", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DESK_")}
        return {
            **inherited,
            "LC_ALL": "C.UTF-8",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "DESK_WORKSPACE": str(self.home.folder),
            "DESK_AGENT": self.agent,
            **self._environment,
        }


def fill(home: Workspace, mails: Sequence[bytes], *, account: str = "support", clock: Clock | None = None) -> None:
    """Put mails into the store of a workspace that no server holds, the way they would arrive."""
    clock = clock or SystemClock()
    store = open_store(home.database, blobs=home.attachments)
    try:
        items = [(Source(external_id=f"test/{number}", raw=raw), read(raw)) for number, raw in enumerate(mails)]
        ingest.apply(store, clock, account, items)
    finally:
        store.close()


def read(raw: bytes) -> Parsed | Refused:
    try:
        return parse(raw)
    except Broken as error:
        return Refused(sha256=sha256(raw).hexdigest(), size=len(raw), raw_packed=pack(raw), reason=str(error))


def write(folder: Path, mails: Sequence[bytes]) -> Path:
    """Mails as .eml files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(mails):
        (folder / f"{number:04}.eml").write_bytes(raw)
    return folder
