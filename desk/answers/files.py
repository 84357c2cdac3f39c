"""The folder `answers` of a workspace: Markdown files that people edit, here or with whatever they like.

Nothing is remembered elsewhere, so the folder can live in git. A scan asks only what has changed since the one
before; a save names the revision it saw and never overwrites another.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import structs

from desk.answers.errors import BadAnswer, NoSuchAnswer
from desk.answers.model import Answer, NewAnswer
from desk.answers.paths import check_key, check_path, default_shortcut, owner_of
from desk.answers.reading import check, read
from desk.documents import folder as documents
from desk.documents import frontmatter
from desk.documents.finding import Finding
from desk.documents.folder import put
from desk.documents.paths import FILES, SUFFIX, language_of
from desk.documents.reading import Read, plain


class Folder(documents.Folder[Answer]):
    """Raises AnswerError for what cannot be done, OSError for what the disk refuses."""

    what = "answer"

    def check(self, key: str) -> str:
        return check_key(key)

    def read(self, key: str, data: bytes, stamp: documents.Stamp) -> Read[Answer]:
        return read(key, data)

    def together(self, documents: Sequence[Answer]) -> Sequence[Finding]:
        return _twice(documents)

    def absent(self, key: str) -> NoSuchAnswer:
        return NoSuchAnswer(key)

    def file(self, answer: Answer, name: str) -> Path:
        """An attachment's file, which lies in the folder and is not another rep's. Raises BadAnswer."""
        root = self.root.resolve()
        path = (self.path(answer.key).parent / name).resolve()
        inside = path.is_relative_to(root) and path != root
        theirs = inside and owner_of(path.relative_to(root).as_posix()) not in ("", answer.owner)
        if not inside or theirs or not path.is_file():
            raise BadAnswer("no-such-file", f"{answer.key}{SUFFIX} attaches {name}, which is not there", {"file": name})
        return path

    def missing(self, answers: Sequence[Answer]) -> list[Finding]:
        """The attachments that are not there."""
        return [finding for answer in answers for finding in self._missing(answer)]

    def _missing(self, answer: Answer) -> Iterator[Finding]:
        for name in answer.attachments:
            try:
                self.file(answer, name)
            except BadAnswer as error:
                matter = frontmatter.split(self.content(answer.key).decode("utf-8-sig", "replace")).matter or ""
                at = frontmatter.line_of(matter, "attachments")
                yield Finding(file=f"{answer.key}{SUFFIX}", line=at, message=error.message)

    # --- writing ------------------------------------------------------------------------------------------

    def save(self, key: str, new: NewAnswer, *, rev: str = "") -> Answer:
        """Write an answer that is still at `rev`; empty: that is not there yet. Raises StaleAnswer, BadAnswer."""
        tidy = check(new)
        check_key(key)
        for name in tidy.attachments:
            self.file(Answer(key=key, owner=owner_of(key), title=tidy.title, body=""), name)
        with self.lock:
            before = self.expect(key, rev) if rev else b""
            text = _written(key, before, tidy)
            self.write(key, text, over=bool(rev))
        return self.get(key)

    def put(self, path: str, data: bytes, *, over: bool = False) -> None:
        """Write a file as it is, an answer's or an attachment's. Raises StaleAnswer if it is there and not `over`."""
        with self.lock:
            put(self.root / check_file(path), data, over=over)

    def attach(self, key: str, name: str, data: bytes) -> str:
        """Put a file beside an answer; returns the path to name in `attachments`."""
        folder = self.path(check_key(key)).with_suffix(FILES)
        stem, dot, ending = name.replace("/", "_").lstrip(".").rpartition(".")
        for number in range(1, 1_000):
            mark = f"-{number}" if number > 1 else ""
            given = f"{stem or ending}{mark}{dot if stem else ''}{ending if stem else ''}"
            target = folder / given
            if target.exists() and target.read_bytes() != data:
                continue
            if not target.exists():
                put(target, data, over=False)
            return f"{folder.name}/{given}"
        raise BadAnswer("bad-attachment", f"there are too many files called {name} beside {key}", {"file": name})

    def move(self, key: str, to: str, *, rev: str) -> Answer:
        """Give an answer another key; its attachments stay where they are. Raises StaleAnswer, NoSuchAnswer."""
        answer = self.get(key)
        target = self.path(check_key(to))
        if owner_of(to) != answer.owner and any(owner_of(self._below(answer, name)) for name in answer.attachments):
            raise BadAnswer("own-files", "it attaches files of your own; move those first", {"key": key})
        with self.lock:
            before = self.expect(key, rev)
            files = [os.path.relpath(self.file(answer, name), target.parent.resolve()) for name in answer.attachments]
            text = _written(to, before, structs.replace(answer, attachments=tuple(map(_posix, files))))
            put(target, text, over=False)
            self.remove(key)
        return self.get(to)

    # --- small things -------------------------------------------------------------------------------------

    def _below(self, answer: Answer, name: str) -> str:
        return self.file(answer, name).relative_to(self.root.resolve()).as_posix()


def check_file(path: str) -> str:
    """The path, if a file of the folder may lie there: an answer, or what one attaches. Raises BadAnswer."""
    if path.endswith(SUFFIX):
        check_key(path.removesuffix(SUFFIX))
    return check_path(path)


def _posix(path: str) -> str:
    return path.replace(os.sep, "/")


def _written(key: str, before: bytes, new: NewAnswer) -> bytes:
    """The file's new bytes: what its name says already is not said again, unless it was."""
    shortcut = "" if new.shortcut == default_shortcut(key) else new.shortcut
    language = "" if new.language == language_of(key) else new.language
    keys = {
        "title": new.title,
        "shortcut": shortcut,
        "language": language,
        "tags": list(new.tags),
        "attachments": list(new.attachments),
    }
    try:
        return frontmatter.write(plain(before.decode("utf-8-sig", "replace")), keys, new.body).encode()
    except frontmatter.Bad as error:
        raise BadAnswer("bad-answer", f"{key}{SUFFIX}:{error.line}: {error}", {"key": key}) from error


def _twice(answers: Iterable[Answer]) -> list[Finding]:
    """The same shortcut, for the same people, in the same language: which one is meant?"""
    first: dict[tuple[str, str, str], str] = {}
    findings = []
    for answer in answers:
        name = (answer.owner, answer.shortcut.casefold(), answer.language.casefold())
        other = first.setdefault(name, answer.key)
        if other != answer.key:
            said = f"the shortcut {answer.shortcut} is also that of {other}{SUFFIX}; give one of them another"
            findings.append(Finding(file=f"{answer.key}{SUFFIX}", line=1, message=said))
    return findings
