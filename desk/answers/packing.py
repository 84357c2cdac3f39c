"""Answers on their way in and out: folders, zip files, JSON; those of other desks become ours.

A list of objects in JSON is taken for another desk's export: `short_code`, `content` and the like are understood, and
`{{contact.name}}`, `#{ticket.customer.firstname}` and `{%customer.firstName%}` become our placeholders.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from desk.answers.errors import BadAnswer
from desk.answers.model import AnswerFile
from desk.answers.paths import key_for
from desk.answers.template import escape
from desk.documents import frontmatter
from desk.documents.paths import SUFFIX
from desk.documents.reading import plain

BYTES_AT_MOST = 20_000_000
"""Of all files of one import together."""

_MARK = "desk-answers"
_TITLE = ("title", "name", "subject")
_SHORTCUT = ("shortcut", "short_code", "shortcode", "keywords", "key")
_BODY = ("body", "content", "text", "message", "html", "response")
_FOLDER = ("folder", "category", "group")
_LANGUAGE = ("language", "locale", "lang")
_LISTS = ("answers", "canned_responses", "macros", "templates", "saved_replies", "payload", "data")


def read(path: Path) -> list[AnswerFile]:
    """What lies at a path: a folder, a `.zip`, a `.json`, or one `.md`. Raises BadAnswer, OSError."""
    if path.is_dir():
        files = _of_folder(path)
    elif zipfile.is_zipfile(path):
        files = _of_zip(path)
    elif path.suffix.casefold() == ".json":
        files = _of_json(path)
    else:
        _limited(path.stat().st_size)
        files = [AnswerFile(path=path.name, data=path.read_bytes())]
    return [AnswerFile(path=file.path, data=_ours(file)) for file in files]


def write(path: Path, files: Iterable[AnswerFile]) -> None:
    """Put files at a path that is not there yet: `.zip`, `.json`, else a folder. Raises FileExistsError."""
    if path.suffix.casefold() == ".zip":
        with path.open("xb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.writestr(file.path, file.data)
    elif path.suffix.casefold() == ".json":
        with path.open("x", encoding="utf-8") as text:
            json.dump({_MARK: 1, "files": [_as_json(file) for file in files]}, text, ensure_ascii=False, indent=1)
    else:
        path.mkdir(parents=True)
        for file in files:
            target = path / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.data)


# --- where they lie ---------------------------------------------------------------------------------------


def _of_folder(folder: Path) -> list[AnswerFile]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not _hidden(path.relative_to(folder))]
    _limited(sum(path.stat().st_size for path in paths))
    return [AnswerFile(path=path.relative_to(folder).as_posix(), data=path.read_bytes()) for path in paths]


def _of_zip(path: Path) -> list[AnswerFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [each for each in archive.infolist() if not each.is_dir() and not _hidden(Path(each.filename))]
            _limited(sum(each.file_size for each in inside))
            return [AnswerFile(path=each.filename, data=archive.read(each)) for each in inside]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise BadAnswer("bad-import", f"{path} cannot be unpacked: {error}", {"path": str(path)}) from error


def _of_json(path: Path) -> list[AnswerFile]:
    _limited(path.stat().st_size)
    try:
        given = json.loads(path.read_text("utf-8-sig"))
        if isinstance(given, dict) and _MARK in given:
            return [_from_json(file) for file in given["files"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadAnswer("bad-import", f"{path} cannot be read: {error}", {"path": str(path)}) from error
    rows = given
    if isinstance(given, dict):
        rows = next((given[name] for name in _LISTS if isinstance(given.get(name), list)), None)
    if not isinstance(rows, list):
        raise BadAnswer("bad-import", f"{path} holds no list of answers", {"path": str(path)})
    return _told_apart(_from_theirs(row) for row in rows if isinstance(row, dict))


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _limited(size: int) -> None:
    if size > BYTES_AT_MOST:
        raise BadAnswer("too-large", f"that is {size:,} bytes; an import has at most {BYTES_AT_MOST:,}")


def _as_json(file: AnswerFile) -> dict[str, str]:
    from base64 import b64encode

    try:
        return {"path": file.path, "text": file.data.decode()}
    except UnicodeDecodeError:
        return {"path": file.path, "data": b64encode(file.data).decode()}


def _from_json(file: Mapping[str, str]) -> AnswerFile:
    from base64 import b64decode

    data = file["text"].encode() if "text" in file else b64decode(file["data"], validate=True)
    return AnswerFile(path=file["path"], data=data)


# --- other desks' -----------------------------------------------------------------------------------------


def _from_theirs(row: Mapping[str, Any]) -> AnswerFile:
    shortcut = re.sub(r"[^\w.+-]+", "-", _first(row, _SHORTCUT)).strip("-.+")[:64]
    title = _first(row, _TITLE) or _first(row, _SHORTCUT)
    tags = row.get("tags")
    keys = {
        "title": " ".join(title.split())[:200],
        "shortcut": shortcut,
        "language": _first(row, _LANGUAGE).replace("_", "-"),
        "tags": [str(tag) for tag in tags] if isinstance(tags, list) else [],
    }
    text = frontmatter.write("", keys, _translated(plain(_first(row, _BODY))).strip("\n"))
    folder = "/".join(key_for(part) for part in _first(row, _FOLDER).split("/") if part.strip())
    return AnswerFile(path=f"{key_for(shortcut or title, folder)}{SUFFIX}", data=text.encode())


def _told_apart(files: Iterable[AnswerFile]) -> list[AnswerFile]:
    """Those of one name get numbers."""
    found: dict[str, AnswerFile] = {}
    for file in files:
        stem, path, number = file.path.removesuffix(SUFFIX), file.path, 2
        while path in found:
            path, number = f"{stem}-{number}{SUFFIX}", number + 1
        found[path] = AnswerFile(path=path, data=file.data)
    return list(found.values())


def _first(row: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((value for name in names if isinstance(value := row.get(name), str) and value.strip()), "")


_THEIRS = re.compile(r"\{\{\s*([\w.]+)\s*\}\}|#\{\s*([\w.]+)\s*\}|\{%\s*([\w.]+)\s*(?:,\s*fallback=([^%{}|]*))?\s*%\}")
_OURS = {
    "contactname": "customer.name",
    "contactfullname": "customer.name",
    "contactfirstname": "customer.first_name",
    "contactemail": "customer.email",
    "agentname": "agent.name",
    "agentfullname": "agent.name",
    "agentfirstname": "agent.first_name",
    "conversationid": "conversation.id",
    "conversationnumber": "conversation.id",
    "conversationsubject": "conversation.subject",
    "conversationtitle": "conversation.subject",
    "mailboxname": "account.name",
    "mailboxemail": "account.address",
    "inboxname": "account.name",
}
_SYNONYMS = (("ticketcustomer", "contact"), ("customer", "contact"), ("user", "agent"), ("ticket", "conversation"))


def _translated(text: str) -> str:
    """Their placeholders as ours; one that we have no word for keeps its name, and nobody can send it by mistake."""
    pieces: list[str] = []
    end = 0
    for match in _THEIRS.finditer(text):
        pieces += (escape(text[end : match.start()]), _placeholder(match))
        end = match.end()
    return "".join([*pieces, escape(text[end:])])


def _placeholder(match: re.Match[str]) -> str:
    name = match[1] or match[2] or match[3]
    folded = re.sub(r"[^a-z]", "", name.casefold())
    for theirs, common in _SYNONYMS:
        if folded.startswith(theirs):
            folded = common + folded.removeprefix(theirs)
            break
    fallback = f"|{match[4].strip()}" if match[4] else ""
    return f"{{{_OURS.get(folded, name)}{fallback}}}"


def _ours(file: AnswerFile) -> bytes:
    """A Markdown file whose front matter is YAML, as others write it, with ours."""
    if PurePosixPath(file.path).suffix != SUFFIX or not file.data.startswith((b"---\n", b"---\r\n")):
        return file.data
    import yaml

    try:
        matter, closing, body = plain(file.data.decode("utf-8-sig"))[4:].partition("\n---")
        given = yaml.safe_load(matter)
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return file.data
    if not closing or not isinstance(given, dict):
        return file.data
    keys = {str(name): _toml(value) for name, value in given.items() if value is not None}
    return frontmatter.write("", keys, body.partition("\n")[2].strip("\n")).encode()


def _toml(value: object) -> Any:
    if isinstance(value, list):
        return [str(each) for each in value]
    return value if isinstance(value, bool | int | float | str) else str(value)
