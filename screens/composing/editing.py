"""Writing in the editor of one's choice: a file with the headers above the text, as mutt and aerc have it.

The file lies in a folder of its own that only this user can read. If the editor fails, or the file cannot be
understood, nothing is lost: what was there before stays, and the file too if it was changed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from msgspec import Struct
from textual.app import App, SuspendNotSupported

from desk.model import Address
from screens.composing.people import addresses, line_of

FIELDS = ("To", "Cc", "Bcc", "Subject")
EDITORS = ("nano", "vi", "vim", "emacs")
_BY_SIGNAL = 128
"""From here on a code means that a shell saw its program end by a signal (POSIX, 2.8.2); below zero Python did.

A smaller one is the editor's own word that its text is not wanted, such as of vim's `:cq`.
"""


class Outside(Struct, frozen=True, kw_only=True):
    """What is edited outside."""

    body: str
    subject: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()


class EditorFailed(Exception):
    """The editor could not be run, or did not end well; the message says where the text is."""


def rendered(text: Outside, *, headers: bool = True) -> str:
    """The file's content."""
    if not headers:
        return text.body
    block = (
        f"To: {line_of(text.to)}",
        f"Cc: {line_of(text.cc)}",
        f"Bcc: {line_of(text.bcc)}",
        f"Subject: {text.subject}",
    )
    return "\n".join((*block, "", text.body))


def understood(content: str, *, headers: bool = True) -> Outside:
    """What the file's content means. A block of headers that was deleted leaves all of it text."""
    content = content.replace("\r\n", "\n")
    if not headers:
        return Outside(body=content)
    found: dict[str, str] = {}
    lines, at = content.split("\n"), 0
    for line in lines:
        name, colon, value = line.partition(":")
        field = next((known for known in FIELDS if known.casefold() == name.strip().casefold()), None)
        if line[:1].isspace() and found and line.strip():
            last = next(reversed(found))
            found[last] = f"{found[last]} {line.strip()}"
        elif not colon or field is None:
            break
        else:
            found[field] = value.strip()
        at += 1
    if not found:
        return Outside(body=content)
    rest = lines[at + 1 :] if at < len(lines) and not lines[at].strip() else lines[at:]
    return Outside(
        body="\n".join(rest),
        subject=found.get("Subject", ""),
        to=addresses(found.get("To", "")),
        cc=addresses(found.get("Cc", "")),
        bcc=addresses(found.get("Bcc", "")),
    )


def command() -> list[str]:
    """The editor: `$VISUAL`, `$EDITOR`, or one that is there. Raises EditorFailed."""
    for name in ("VISUAL", "EDITOR"):
        if os.environ.get(name, "").strip():
            try:
                return shlex.split(os.environ[name])
            except ValueError as error:
                raise EditorFailed(f"${name} cannot be read: {error}") from error
    found = next(filter(None, map(shutil.which, EDITORS)), None)
    if found is None:
        raise EditorFailed("there is no editor: set EDITOR, such as EDITOR=nano")
    return [found]


def edit_outside(app: App[Any], content: str, *, suffix: str = ".eml") -> str:
    """`edit`, which has the terminal meanwhile. Raises EditorFailed, also where the terminal cannot be left."""
    failed: Exception | None = None
    edited = content
    try:
        with app.suspend():
            try:
                edited = edit(content, suffix=suffix)
            except Exception as error:  # what is raised within would keep Textual from taking the terminal back
                failed = error
    except SuspendNotSupported:
        raise EditorFailed("this terminal cannot be left for another program") from None
    if failed is not None:
        raise failed
    return edited


def edit(content: str, *, suffix: str = ".eml", folder: Path | None = None) -> str:
    """The content as the editor left it, or had saved it when it crashed; blocks until it ends.

    Raises EditorFailed, also when the editor says that it gave up, and keeps the file with what was changed.
    """
    words = command()
    home = tempfile.mkdtemp(prefix="desk-", dir=folder or os.environ.get("XDG_RUNTIME_DIR") or None)
    file = Path(home) / f"message{suffix}"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
        stream.write(content if content.endswith("\n") else content + "\n")
    before = file.stat().st_mtime_ns
    try:
        code = subprocess.run([*words, str(file)], check=False).returncode
    except OSError as error:
        shutil.rmtree(home, ignore_errors=True)
        raise EditorFailed(f"{words[0]} cannot be run: {error.strerror or error}") from error
    try:
        edited = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EditorFailed(f"{file} cannot be read: {error}; the text here is as it was") from error
    if code and (edited.removesuffix("\n") == content.removesuffix("\n") or file.stat().st_mtime_ns == before):
        shutil.rmtree(home, ignore_errors=True)
        raise EditorFailed(f"{words[0]} ended with code {code}; the text is as it was")
    if 0 < code < _BY_SIGNAL:
        raise EditorFailed(f"{words[0]} gave up (code {code}): the text is as it was; what was saved is in {file}")
    shutil.rmtree(home, ignore_errors=True)
    return edited[:-1] if edited.endswith("\n") and not content.endswith("\n") else edited
