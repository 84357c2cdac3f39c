"""The folder of help articles: Markdown files, and the pictures they show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from desk.articles.reading import check, check_slug, read
from desk.articles.rendering import PICTURES, faults
from desk.documents import folder as documents
from desk.documents import frontmatter
from desk.documents.errors import BadDocument, NoSuchDocument
from desk.documents.finding import Finding
from desk.documents.folder import put
from desk.documents.paths import SUFFIX, is_sound, language_of
from desk.documents.reading import Read, plain
from desk.model import Article, NewArticle

PICTURE_AT_MOST = 5_000_000
"""Bytes."""


class Folder(documents.Folder[Article]):
    """A file that cannot be understood any more stands for what it said before. Raises DocumentError, OSError."""

    what = "article"
    keeps_last_good = True

    def check(self, key: str) -> str:
        return check_slug(key)

    def read(self, key: str, data: bytes, stamp: documents.Stamp) -> Read[Article]:
        return read(key, data, stamp[0] // 1_000_000)

    def picture(self, path: str) -> Path:
        """A picture's file, by its path below the folder. Raises BadDocument if there is none that may be shown."""
        file = (self.root / path).resolve()
        sound = is_sound(path) and PurePosixPath(path).suffix.casefold() in PICTURES
        if not sound or not file.is_relative_to(self.root.resolve()) or not file.is_file():
            raise BadDocument("no-such-picture", f"there is no picture {path}", {"file": path})
        if file.stat().st_size > PICTURE_AT_MOST:
            raise BadDocument("too-large", f"{path} has more than {PICTURE_AT_MOST:,} bytes", {"file": path})
        return file

    def faults(self, articles: Iterable[Article], *, remote: bool = False) -> Iterator[Finding]:
        """Links that lead nowhere, pictures that are not there, HTML, by the line they stand in.

        `remote`: pictures from elsewhere may be shown.
        """
        known = {article.slug: article for article in articles}
        for article in known.values():
            body_line = self._body_line(article.slug)
            for at, message in faults(article, known.__contains__, self._is_there, remote=remote):
                yield Finding(file=f"{article.slug}{SUFFIX}", line=body_line + at, message=message)

    def _body_line(self, slug: str) -> int:
        try:
            split = frontmatter.split(plain(self.content(slug).decode("utf-8-sig", "replace")))
        except (NoSuchDocument, frontmatter.Bad):
            return 1
        return split.body_line + len(split.body) - len(split.body.lstrip("\n"))

    def _is_there(self, path: str) -> bool:
        try:
            return bool(self.picture(path))
        except BadDocument:
            return False

    def save(self, slug: str, new: NewArticle, *, rev: str = "") -> Article:
        """Write an article that is still at `rev`; empty: that is not there yet. Raises StaleDocument, BadDocument."""
        tidy = check(new)
        with self.lock:
            before = self.expect(check_slug(slug), rev) if rev else b""
            self.write(slug, _written(slug, before, tidy), over=bool(rev))
        return self.get(slug)

    def put(self, path: str, data: bytes, *, over: bool = False) -> None:
        """Write a file as it is, an article's or a picture's. Raises StaleDocument if it is there and not `over`."""
        if path.endswith(SUFFIX):
            check_slug(path.removesuffix(SUFFIX))
        elif not is_sound(path) or PurePosixPath(path).suffix.casefold() not in PICTURES:
            raise BadDocument("bad-key", f"{path} is neither an article nor a picture", {"key": path})
        with self.lock:
            put(self.root / path, data, over=over)

    def move(self, slug: str, to: str, *, rev: str) -> Article:
        """Give an article another slug. Raises StaleDocument, NoSuchDocument."""
        target = self.path(check_slug(to))
        with self.lock:
            put(target, self.expect(check_slug(slug), rev), over=False)
            self.remove(slug)
        return self.get(to)


def _written(slug: str, before: bytes, new: NewArticle) -> bytes:
    """The file's new bytes; what somebody wrote around our keys stays."""
    keys = {
        "title": new.title,
        "language": "" if new.language == language_of(slug) else new.language,
        "tags": list(new.tags),
        "pages": list(new.pages),
        "questions": list(new.questions),
        "draft": new.draft or None,
    }
    try:
        return frontmatter.write(plain(before.decode("utf-8-sig", "replace")), keys, new.body).encode()
    except frontmatter.Bad as error:
        raise BadDocument("bad-article", f"{slug}{SUFFIX}:{error.line}: {error}", {"key": slug}) from error
