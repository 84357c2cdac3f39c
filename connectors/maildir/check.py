"""Trying a pair of Maildirs, with findings in plain words."""

from __future__ import annotations

import os
from pathlib import Path

from connectors.maildir.folder import explain
from connectors.maildir.settings import MaildirSettings
from desk.model import Check


def check(settings: MaildirSettings) -> list[Check]:
    """What was found out about both folders. Never raises."""
    return [_incoming(Path(settings.incoming), settings), _outgoing(Path(settings.outgoing))]


def _incoming(folder: Path, settings: MaildirSettings) -> Check:
    what = "incoming"
    try:
        count = sum(not name.startswith(".") for part in ("new", "cur") for name in os.listdir(folder / part))
        if settings.after_store == "seen":
            _try_writing(folder / "cur")
    except OSError as error:
        return _failed(what, error, folder)
    return Check(what=what, status="ok", message=f"{count:,} messages in {folder}")


def _outgoing(folder: Path) -> Check:
    what = "outgoing"
    try:
        for part in ("cur", "tmp", "new"):
            os.listdir(folder / part)
        for part in ("tmp", "new"):
            _try_writing(folder / part)
    except OSError as error:
        return _failed(what, error, folder)
    return Check(what=what, status="ok", message=f"answers are written to {folder}")


def _failed(what: str, error: OSError, folder: Path) -> Check:
    message, hint = explain(error, folder)
    return Check(what=what, status="failed", message=message, hint=hint)


def _try_writing(folder: Path) -> None:
    """Files that begin with a dot are nobody's mail."""
    trial = folder / f".desk-trial.{os.getpid()}"
    os.close(os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    trial.unlink()
