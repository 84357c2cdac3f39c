"""A file's text as an answer, and everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from msgspec import Struct

from desk.answers import frontmatter
from desk.answers.errors import BadAnswer
from desk.answers.facts import known
from desk.answers.model import Answer, AnswerFinding, NewAnswer
from desk.answers.paths import default_shortcut, default_title, folder_of, language_of, owner_of
from desk.answers.template import placeholders
from desk.text import line

BYTES_AT_MOST = 256_000
"""Of an answer's file."""
KEYS = ("title", "shortcut", "language", "tags", "attachments")

_SHORTCUT = re.compile(r"[\w][\w.+-]{0,63}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NEWLINE = re.compile("\r\n?|[\u2028\u2029]")


class Read(Struct, frozen=True):
    """What a file holds: an answer, unless something in it cannot be understood."""

    answer: Answer | None
    findings: tuple[AnswerFinding, ...] = ()


def revision(data: bytes) -> str:
    """What `Answer.rev` is of these bytes."""
    return blake2b(data, digest_size=12).hexdigest()


def read(key: str, data: bytes) -> Read:
    """The answer of that key in a file's bytes. Nothing raises: what is wrong is among the findings."""
    try:
        split = frontmatter.split(text_of(data))
        keys = frontmatter.read(split.matter or "")
    except frontmatter.Bad as error:
        return Read(None, (_finding(key, error.line, str(error)),))
    reader = _Reader(key, split, keys)
    answer = reader.answer(revision(data))
    return Read(None if reader.broken else answer, tuple(reader.findings))


def text_of(data: bytes) -> str:
    """The text of an answer's bytes: UTF-8, newlines LF, no control characters. Raises `frontmatter.Bad`."""
    if len(data) > BYTES_AT_MOST:
        raise frontmatter.Bad(1, f"an answer has at most {BYTES_AT_MOST:,} bytes, not {len(data):,}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = data.count(b"\n", 0, error.start) + 1
        raise frontmatter.Bad(at, "this is not UTF-8; save the file in that encoding") from error
    return plain(text)


def plain(text: str) -> str:
    """Text as it may be sent: newlines are LF, and there is no control character but tab."""
    return _NEVER.sub("", _NEWLINE.sub("\n", text))


def check(new: NewAnswer) -> NewAnswer:
    """The same, tidied. Raises BadAnswer for what no file can say."""
    title, shortcut, language = line(new.title), new.shortcut.strip(), new.language.strip()
    body = plain(new.body).strip("\n")
    if not title or len(title) > 200:
        raise BadAnswer("bad-title", "an answer has a title of 1 to 200 characters", {"field": "title"})
    if not body.strip() and not new.attachments:
        raise BadAnswer("empty", "an empty answer says nothing; write something", {"field": "body"})
    if shortcut and not _SHORTCUT.fullmatch(shortcut):
        raise BadAnswer("bad-shortcut", _bad_shortcut(shortcut), {"field": "shortcut"})
    if language and not _LANGUAGE.fullmatch(language):
        raise BadAnswer("bad-language", _bad_language(language), {"field": "language"})
    tags = tuple(dict.fromkeys(line(tag) for tag in new.tags if line(tag)))
    return NewAnswer(
        title=title, body=body, shortcut=shortcut, language=language, tags=tags, attachments=new.attachments
    )


class _Reader:
    def __init__(self, key: str, split: frontmatter.Split, keys: Mapping[str, Any]) -> None:
        self.key = key
        self.matter = split.matter or ""
        self.body = split.body
        self.body_line = split.body_line
        self.keys = keys
        self.findings: list[AnswerFinding] = []
        self.broken = False

    def answer(self, rev: str) -> Answer:
        answer = Answer(
            key=self.key,
            folder=folder_of(self.key),
            owner=owner_of(self.key),
            rev=rev,
            title=line(self._text("title")) or default_title(self.key),
            shortcut=self._shortcut(),
            language=self._language(),
            tags=tuple(line(tag) for tag in self._texts("tags")),
            attachments=self._texts("attachments"),
            body=self.body.strip("\n"),
        )
        if not answer.body.strip() and not answer.attachments:
            self._say(self.body_line, "there is no text; write the answer below the front matter", broken=True)
        self._look_at_placeholders()
        self._look_at_other_keys()
        return answer

    def _shortcut(self) -> str:
        given = self._text("shortcut").strip().removeprefix("::")
        if given and not _SHORTCUT.fullmatch(given):
            self._say(frontmatter.line_of(self.matter, "shortcut"), _bad_shortcut(given), broken=True)
        return given or default_shortcut(self.key)

    def _language(self) -> str:
        given = self._text("language").strip()
        if given and not _LANGUAGE.fullmatch(given):
            self._say(frontmatter.line_of(self.matter, "language"), _bad_language(given), broken=True)
        return given or language_of(self.key)

    def _text(self, name: str) -> str:
        value = self.keys.get(name, "")
        if isinstance(value, str):
            return plain(value)
        self._say(frontmatter.line_of(self.matter, name), f'{name} is a text in quotes: {name} = "…"', broken=True)
        return ""

    def _texts(self, name: str) -> tuple[str, ...]:
        value = self.keys.get(name, [])
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(plain(each) for each in value)
        self._say(frontmatter.line_of(self.matter, name), f'{name} is a list of texts: {name} = ["…"]', broken=True)
        return ()

    def _look_at_placeholders(self) -> None:
        for found in placeholders(self.body):
            if not known(found.name):
                at = self.body_line + self.body.count("\n", 0, found.start)
                said = f"nothing fills {{{found.name}}}; write {{{{ and }}}} for braces that are just braces"
                self._say(at, said)

    def _look_at_other_keys(self) -> None:
        from difflib import get_close_matches

        for name in self.keys:
            if name not in KEYS and (close := get_close_matches(name, KEYS, n=1, cutoff=0.75)):
                self._say(
                    frontmatter.line_of(self.matter, name), f"{name} says nothing to Desk; did you mean {close[0]}?"
                )

    def _say(self, at: int, message: str, *, broken: bool = False) -> None:
        self.broken = self.broken or broken
        self.findings.append(_finding(self.key, at, message))


def _bad_shortcut(given: str) -> str:
    return f"a shortcut is one word of letters, digits, '-', '_', '.' and '+', not {given!r}"


def _bad_language(given: str) -> str:
    return f'a language is a tag such as "de" or "pt-BR", not {given!r}'


def _finding(key: str, at: int, message: str) -> AnswerFinding:
    return AnswerFinding(file=f"{key}.md", line=at, message=message)
