"""A file's text as a help article, and everything that is wrong with it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from desk.articles.pages import check_pattern
from desk.clock import Millis
from desk.documents import frontmatter
from desk.documents.errors import BadDocument
from desk.documents.paths import default_title, file_name, is_sound
from desk.documents.reading import Read, Reader, bad_language, finding, is_language, plain, revision
from desk.model import Article, NewArticle
from desk.text import line

KEYS = ("title", "language", "tags", "pages", "questions", "draft", "updated")

_PART = re.compile(r"\w[\w.+-]*")
_QUESTION_AT_MOST = 300


def check_slug(slug: str) -> str:
    """The slug, if an article's file may be called so: it stands in addresses. Raises BadDocument."""
    if not is_sound(slug) or not all(_PART.fullmatch(part) for part in slug.split("/")):
        said = f"{line(slug)!r} is no name for an article; write it like orders/cancel: letters, digits, - . _ +"
        raise BadDocument("bad-key", said, {"key": line(slug)})
    return slug


def slug_for(title: str, folder: str = "", language: str = "") -> str:
    """A slug for a new article: `orders/cancel-an-order` for `Cancel an order`."""
    name = file_name(title, "article")
    return "/".join([*filter(None, folder.split("/")), f"{name}.{language}" if language else name])


def read(slug: str, data: bytes, written: Millis = 0) -> Read[Article]:
    """The article of that slug in a file's bytes, written at that time. Nothing raises: see the findings."""
    try:
        reader = Reader(slug, data)
    except frontmatter.Bad as error:
        return Read(None, (finding(slug, error.line, str(error)),))
    article = Article(
        slug=slug,
        folder=slug.rpartition("/")[0],
        rev=revision(data),
        title=line(reader.text("title")) or default_title(slug),
        language=reader.language(),
        tags=reader.lines("tags"),
        pages=_pages(reader),
        questions=_questions(reader),
        draft=reader.switch("draft"),
        updated=_updated(reader, written),
        body=reader.body.strip("\n"),
    )
    if not article.body.strip() and not article.draft:
        reader.say(reader.body_line, "there is no text; write the article below the front matter", broken=True)
    reader.look_at_other_keys(KEYS)
    return reader.done(article)


def check(new: NewArticle) -> NewArticle:
    """The same, tidied. Raises BadDocument for what no file can say."""
    title, language = line(new.title), new.language.strip()
    if not title or len(title) > 200:
        raise BadDocument("bad-title", "an article has a title of 1 to 200 characters", {"field": "title"})
    if not new.body.strip() and not new.draft:
        raise BadDocument("empty", "an empty article answers nothing; write something", {"field": "body"})
    if language and not is_language(language):
        raise BadDocument("bad-language", bad_language(language), {"field": "language"})
    pages = _tidy(new.pages)
    if wrong := next(filter(None, map(check_pattern, pages)), ""):
        raise BadDocument("bad-pattern", wrong, {"field": "pages"})
    return NewArticle(
        title=title,
        body=plain(new.body).strip("\n"),
        language=language,
        tags=_tidy(new.tags),
        pages=pages,
        questions=_tidy(new.questions),
        draft=new.draft,
    )


def _tidy(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tidy for each in texts if (tidy := line(each))))


def _pages(reader: Reader) -> tuple[str, ...]:
    pages = reader.lines("pages")
    for each in pages:
        if wrong := check_pattern(each):
            reader.say_of("pages", wrong, broken=True)
    return pages


def _questions(reader: Reader) -> tuple[str, ...]:
    questions = reader.lines("questions")
    if any(len(each) > _QUESTION_AT_MOST for each in questions):
        reader.say_of("questions", f"a question has at most {_QUESTION_AT_MOST} characters; the rest is not looked at")
    return tuple(each[:_QUESTION_AT_MOST] for each in questions)


def _updated(reader: Reader, written: Millis) -> Millis:
    given = reader.keys.get("updated")
    if given is None:
        return written
    if isinstance(given, datetime):
        return round((given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp() * 1000)
    if isinstance(given, date):
        return round(datetime.combine(given, time(), UTC).timestamp() * 1000)
    reader.say_of("updated", "updated is a day without quotes: updated = 2026-01-31", broken=True)
    return written
