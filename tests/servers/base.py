"""What the mail servers share: a directory, ports that stay theirs, starting and ending."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from tests.servers.common import PASSWORD, Port, wait_for_port


class LocalServer(ABC):
    """A real server on loopback, in a directory of its own. As a context manager it starts at once and leaves nothing.

    Its ports are its own for as long as it lives, running or not, so that whoever starts on a free one in the meantime
    gets another.
    """

    host = "127.0.0.1"
    password = PASSWORD

    def __init__(self, directory: Path | None, *, prefix: str, ports: int, log: str) -> None:
        """`directory` None: a temporary one, which begins with `prefix` and is removed by `close`."""
        self._owned = directory is None
        self.dir = directory or Path(tempfile.mkdtemp(prefix=prefix))
        self.dir.mkdir(parents=True, exist_ok=True)
        self._reserved = [Port() for _ in range(ports)]
        self._log = self.dir / log
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def _launch(self) -> subprocess.Popen[bytes]:
        """The process, just started."""

    @abstractmethod
    def kill(self) -> None:
        """End it at once, as a power cut would."""

    def start(self) -> Self:
        """Start and wait until every port answers. Raises ServerFailed with the end of its log."""
        self._process = self._launch()
        try:
            for port in self._reserved:
                wait_for_port(port.number, self._process, self._log)
        except BaseException:
            self.kill()
            raise
        return self

    def restart(self) -> None:
        """Kill, and start again with what it had."""
        self.kill()
        self.start()

    def close(self) -> None:
        self.kill()
        for port in self._reserved:
            port.release()
        if self._owned:
            shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ca_file(self) -> Path:
        """The authority to trust."""
        return self.dir / "ca.pem"

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""
