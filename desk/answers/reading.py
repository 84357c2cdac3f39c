"""A file's text as an answer, and everything that is wrong with it."""

from __future__ import annotations

import re

from desk.answers.errors import BadAnswer
from desk.answers.facts import known
from desk.answers.model import Answer, NewAnswer
from desk.answers.paths import default_shortcut, folder_of, owner_of
from desk.answers.template import placeholders
from desk.documents import frontmatter
from desk.documents.paths import default_title
from desk.documents.reading import Read, Reader, bad_language, finding, is_language, plain, revision
from desk.text import line

KEYS = ("title", "shortcut", "language", "tags", "attachments")

_SHORTCUT = re.compile(r"[\w][\w.+-]{0,63}")


def read(key: str, data: bytes) -> Read[Answer]:
    """The answer of that key in a file's bytes. Nothing raises: what is wrong is among the findings."""
    try:
        reader = Reader(key, data)
    except frontmatter.Bad as error:
        return Read(None, (finding(key, error.line, str(error)),))
    answer = Answer(
        key=key,
        folder=folder_of(key),
        owner=owner_of(key),
        rev=revision(data),
        title=line(reader.text("title")) or default_title(key),
        shortcut=_shortcut(reader),
        language=reader.language(),
        tags=tuple(line(tag) for tag in reader.texts("tags")),
        attachments=reader.texts("attachments"),
        body=reader.body.strip("\n"),
    )
    if not answer.body.strip() and not answer.attachments:
        reader.say(reader.body_line, "there is no text; write the answer below the front matter", broken=True)
    _look_at_placeholders(reader)
    reader.look_at_other_keys(KEYS)
    return reader.done(answer)


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
    if language and not is_language(language):
        raise BadAnswer("bad-language", bad_language(language), {"field": "language"})
    tags = tuple(dict.fromkeys(line(tag) for tag in new.tags if line(tag)))
    return NewAnswer(
        title=title, body=body, shortcut=shortcut, language=language, tags=tags, attachments=new.attachments
    )


def _shortcut(reader: Reader) -> str:
    given = reader.text("shortcut").strip().removeprefix("::")
    if given and not _SHORTCUT.fullmatch(given):
        reader.say_of("shortcut", _bad_shortcut(given), broken=True)
    return given or default_shortcut(reader.key)


def _look_at_placeholders(reader: Reader) -> None:
    for found in placeholders(reader.body):
        if not known(found.name):
            at = reader.body_line + reader.body.count("\n", 0, found.start)
            said = f"nothing fills {{{found.name}}}; write {{{{ and }}}} for braces that are just braces"
            reader.say(at, said)


def _bad_shortcut(given: str) -> str:
    return f"a shortcut is one word of letters, digits, '-', '_', '.' and '+', not {given!r}"
