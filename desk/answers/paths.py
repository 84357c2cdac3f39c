"""An answer's key: its path below the folder `answers`, without `.md`. Personal ones lie in `@login/`."""

from __future__ import annotations

import re
from urllib.parse import unquote

from desk.answers.errors import BadAnswer
from desk.documents.paths import FILES, file_name, is_sound, stem
from desk.text import line

_LOGIN_SAFE = re.compile(r"[^\w .+@-]")


def check_key(key: str) -> str:
    """The key, if an answer's file may be called so. Raises BadAnswer."""
    if any(part.endswith(FILES) for part in key.split("/")):
        raise _bad_key(key)
    return check_path(key)


def check_path(path: str) -> str:
    """The path, if any file of the folder may be called so. Raises BadAnswer."""
    parts = path.split("/")
    personal = [number for number, part in enumerate(parts) if part.startswith("@")]
    if not is_sound(path) or personal not in ([], [0]) or (personal and len(parts) < 2):
        raise _bad_key(path)
    return path


def _bad_key(key: str) -> BadAnswer:
    said = f"{line(key)!r} is no name for an answer; write it like shipping/late, with @login/ before what is your own"
    return BadAnswer("bad-key", said, {"key": line(key)})


def personal_folder(login: str) -> str:
    """Where a rep's own answers lie."""
    safe = _LOGIN_SAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), login)
    return f"@{safe.removesuffix(FILES)}%2E{FILES[1:]}" if safe.endswith(FILES) else f"@{safe}"


def owner_of(key: str) -> str:
    """The login of whose it is; empty if it is everybody's."""
    return unquote(key.partition("/")[0][1:]) if key.startswith("@") else ""


def folder_of(key: str) -> str:
    """The folder as people see it, without `@login`."""
    parts = key.split("/")[:-1]
    return "/".join(parts[1:] if parts and parts[0].startswith("@") else parts)


def default_shortcut(key: str) -> str:
    """`late` of `shipping/late.de`."""
    return re.sub(r"[^\w.+-]+", "-", stem(key)).strip("-.+") or "answer"


def key_for(title: str, folder: str = "", login: str = "") -> str:
    """A key for a new answer: `shipping/late-parcel` for `Late parcel`."""
    parts = [
        *([personal_folder(login)] if login else []),
        *[part for part in folder.split("/") if part],
        file_name(title, "answer"),
    ]
    return "/".join(parts)
