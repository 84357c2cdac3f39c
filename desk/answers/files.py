"""The folder `answers` of a workspace: Markdown files that people edit, here or with whatever they like.

Nothing is remembered elsewhere, so the folder can live in git. A scan asks only what has changed since the one
before; a save names the revision it saw and never overwrites another.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, structs

from desk.answers import frontmatter
from desk.answers.errors import AnswerError, BadAnswer, NoSuchAnswer, StaleAnswer
from desk.answers.model import Answer, AnswerFinding, NewAnswer
from desk.answers.paths import FILES, SUFFIX, check_key, check_path, default_shortcut, language_of, owner_of
from desk.answers.reading import BYTES_AT_MOST, Read, check, plain, read, revision
from desk.text import line

FILES_AT_MOST = 20_000
_NOT_ANSWERS = frozenset({"readme.md", "license.md", "contributing.md", "changelog.md"})
"""What a folder in git holds besides."""

Stamp = tuple[int, int, int]
"""Modified (ns), size, inode: what tells a changed file from one that is as it was."""


class Entry(Struct, frozen=True):
    """A file as the last scan found it."""

    stamp: Stamp
    read: Read


class Snapshot(Struct, frozen=True):
    """All answers there were at one moment, and what was wrong."""

    answers: Mapping[str, Answer] = {}
    findings: tuple[AnswerFinding, ...] = ()
    entries: Mapping[str, Entry] = {}


class Folder:
    """Raises AnswerError for what cannot be done, OSError for what the disk refuses."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()

    # --- reading ------------------------------------------------------------------------------------------

    def scan(self, before: Snapshot | None = None) -> Snapshot:
        """What is there now; `before` itself if nothing has changed since."""
        known = before.entries if before else {}
        found: dict[str, Entry] = {}
        for key, stamp in self._walk():
            old = known.get(key)
            found[key] = old if old and old.stamp == stamp else Entry(stamp, self._read(key))
        if before and len(found) == len(known) and all(found[key] is known.get(key) for key in found):
            return before
        answers = {key: entry.read.answer for key, entry in sorted(found.items()) if entry.read.answer}
        findings = [finding for _, entry in sorted(found.items()) for finding in entry.read.findings]
        return Snapshot(answers, (*findings, *_twice(answers.values())), found)

    def get(self, key: str) -> Answer:
        """The answer as its file says now. Raises NoSuchAnswer, BadAnswer."""
        data = self._bytes(check_key(key))
        found = read(key, data)
        if found.answer is None:
            raise BadAnswer("bad-answer", str(found.findings[0]), {"key": key})
        return found.answer

    def expect(self, key: str, rev: str) -> bytes:
        """The file's bytes, if it is still at that revision. Raises StaleAnswer, NoSuchAnswer."""
        data = self._bytes(key)
        if revision(data) != rev:
            raise StaleAnswer("stale", f"{key}{SUFFIX} has changed since; look at it again", {"rev": revision(data)})
        return data

    def file(self, answer: Answer, name: str) -> Path:
        """An attachment's file, which lies in the folder and is not another rep's. Raises BadAnswer."""
        root = self.root.resolve()
        path = (self._path(answer.key).parent / name).resolve()
        inside = path.is_relative_to(root) and path != root
        theirs = inside and owner_of(path.relative_to(root).as_posix()) not in ("", answer.owner)
        if not inside or theirs or not path.is_file():
            raise BadAnswer("no-such-file", f"{answer.key}{SUFFIX} attaches {name}, which is not there", {"file": name})
        return path

    def missing(self, answers: Sequence[Answer]) -> list[AnswerFinding]:
        """The attachments that are not there."""
        return [finding for answer in answers for finding in self._missing(answer)]

    def _missing(self, answer: Answer) -> Iterator[AnswerFinding]:
        for name in answer.attachments:
            try:
                self.file(answer, name)
            except BadAnswer as error:
                matter = frontmatter.split(self._bytes(answer.key).decode("utf-8-sig", "replace")).matter or ""
                at = frontmatter.line_of(matter, "attachments")
                yield AnswerFinding(file=f"{answer.key}{SUFFIX}", line=at, message=error.message)

    # --- writing ------------------------------------------------------------------------------------------

    def save(self, key: str, new: NewAnswer, *, rev: str = "") -> Answer:
        """Write an answer that is still at `rev`; empty: that is not there yet. Raises StaleAnswer, BadAnswer."""
        tidy = check(new)
        path = self._path(check_key(key))
        for name in tidy.attachments:
            self.file(Answer(key=key, owner=owner_of(key), title=tidy.title, body=""), name)
        with self._lock:
            before = self.expect(key, rev) if rev else b""
            text = _written(key, before, tidy)
            if len(text) > BYTES_AT_MOST:
                raise BadAnswer("too-long", f"an answer has at most {BYTES_AT_MOST:,} bytes", {"field": "body"})
            _put(path, text, over=bool(rev))
        return self.get(key)

    def put(self, path: str, data: bytes, *, over: bool = False) -> None:
        """Write a file as it is, an answer's or an attachment's. Raises StaleAnswer if it is there and not `over`."""
        with self._lock:
            _put(self.root / check_file(path), data, over=over)

    def attach(self, key: str, name: str, data: bytes) -> str:
        """Put a file beside an answer; returns the path to name in `attachments`."""
        folder = self._path(check_key(key)).with_suffix(FILES)
        stem, dot, ending = name.replace("/", "_").lstrip(".").rpartition(".")
        for number in range(1, 1_000):
            mark = f"-{number}" if number > 1 else ""
            given = f"{stem or ending}{mark}{dot if stem else ''}{ending if stem else ''}"
            target = folder / given
            if target.exists() and target.read_bytes() != data:
                continue
            if not target.exists():
                _put(target, data, over=False)
            return f"{folder.name}/{given}"
        raise BadAnswer("bad-attachment", f"there are too many files called {name} beside {key}", {"file": name})

    def delete(self, key: str, *, rev: str) -> None:
        """Remove an answer that is still at `rev`. Raises StaleAnswer, NoSuchAnswer."""
        with self._lock:
            self.expect(check_key(key), rev)
            path = self._path(key)
            path.unlink()
            self._tidy(path.parent)

    def move(self, key: str, to: str, *, rev: str) -> Answer:
        """Give an answer another key; its attachments stay where they are. Raises StaleAnswer, NoSuchAnswer."""
        answer = self.get(key)
        source, target = self._path(key), self._path(check_key(to))
        if owner_of(to) != answer.owner and any(owner_of(self._below(answer, name)) for name in answer.attachments):
            raise BadAnswer("own-files", "it attaches files of your own; move those first", {"key": key})
        with self._lock:
            before = self.expect(key, rev)
            files = [os.path.relpath(self.file(answer, name), target.parent.resolve()) for name in answer.attachments]
            text = _written(to, before, structs.replace(answer, attachments=tuple(map(_posix, files))))
            _put(target, text, over=False)
            source.unlink()
            self._tidy(source.parent)
        return self.get(to)

    # --- small things -------------------------------------------------------------------------------------

    def _below(self, answer: Answer, name: str) -> str:
        return self.file(answer, name).relative_to(self.root.resolve()).as_posix()

    def _path(self, key: str) -> Path:
        return self.root / f"{key}{SUFFIX}"

    def _bytes(self, key: str) -> bytes:
        try:
            with self._path(key).open("rb") as file:
                return file.read(BYTES_AT_MOST + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise NoSuchAnswer(key) from error

    def _read(self, key: str) -> Read:
        try:
            return read(key, self._bytes(check_key(key)))
        except (OSError, AnswerError) as error:
            why = getattr(error, "strerror", None) or str(error)
            file = line(f"{key}{SUFFIX}")
            return Read(None, (AnswerFinding(file=file, line=1, message=f"it cannot be read: {why}"),))

    def _walk(self) -> Iterator[tuple[str, Stamp]]:
        pending = [("", self.root)]
        count = 0
        while pending:
            above, folder = pending.pop()
            for entry in _entries(folder):
                key = f"{above}{entry.name}"
                if entry.name.startswith(".") or (entry.name.startswith("@") and above):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.endswith(FILES):
                        pending.append((f"{key}/", Path(entry.path)))
                elif self._is_answer(entry, above) and (count := count + 1) <= FILES_AT_MOST:
                    found = entry.stat()
                    yield key.removesuffix(SUFFIX), (found.st_mtime_ns, found.st_size, found.st_ino)

    def _is_answer(self, entry: os.DirEntry[str], above: str) -> bool:
        if not entry.name.endswith(SUFFIX) or (not above and entry.name.casefold() in _NOT_ANSWERS):
            return False
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(self.root.resolve()):
            return False
        return entry.is_file()

    def _tidy(self, folder: Path) -> None:
        """Remove folders that hold nothing any more."""
        while folder != self.root and folder.is_relative_to(self.root):
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


def check_file(path: str) -> str:
    """The path, if a file of the folder may lie there: an answer, or what one attaches. Raises BadAnswer."""
    if path.endswith(SUFFIX):
        check_key(path.removesuffix(SUFFIX))
    return check_path(path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


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


def _put(path: Path, data: bytes, *, over: bool) -> None:
    """Write in one step; without `over` a file that is there stays (StaleAnswer)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if over:
            os.replace(temporary, path)
        else:
            os.link(temporary, path)
    except FileExistsError as error:
        raise StaleAnswer("exists", f"there is a file {path.name} already; choose another name") from error
    finally:
        temporary.unlink(missing_ok=True)


def _twice(answers: Iterable[Answer]) -> list[AnswerFinding]:
    """The same shortcut, for the same people, in the same language: which one is meant?"""
    first: dict[tuple[str, str, str], str] = {}
    findings = []
    for answer in answers:
        name = (answer.owner, answer.shortcut.casefold(), answer.language.casefold())
        other = first.setdefault(name, answer.key)
        if other != answer.key:
            said = f"the shortcut {answer.shortcut} is also that of {other}{SUFFIX}; give one of them another"
            findings.append(AnswerFinding(file=f"{answer.key}{SUFFIX}", line=1, message=said))
    return findings
