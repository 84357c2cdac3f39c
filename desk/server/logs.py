"""The server's log: what happened and where, never what people wrote nor any secret."""

from __future__ import annotations

import logging
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

LOG_BYTES = 1_000_000
OLD_LOGS = 3

_Info = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Formats exceptions as type and place: their words may quote a customer's."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatException(self, ei: _Info) -> str:
        """The chain of exceptions with the lines they passed, without their messages."""
        lines = []
        error = ei[1]
        while error is not None:
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}{_place(error)}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n caused by ".join(lines)


def _place(error: BaseException) -> str:
    words = f" [errno {error.errno}]" if isinstance(error, OSError) else ""
    frames = traceback.extract_tb(error.__traceback__)
    return words + "".join(f"\n    {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)


def start_logging(file: Path, *, console: bool) -> None:
    """Send everything that logs to the rotated file, and to standard error too if somebody is watching."""
    handlers: list[logging.Handler] = [RotatingFileHandler(file, maxBytes=LOG_BYTES, backupCount=OLD_LOGS)]
    if console:
        handlers.append(logging.StreamHandler())
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for handler in handlers:
        handler.setFormatter(Discreet())
        root.addHandler(handler)
    for noisy in ("uvicorn", "httpx", "imapclient", "aiosmtplib", "keyring", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
