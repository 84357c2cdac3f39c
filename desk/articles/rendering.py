"""An article's Markdown as HTML that can harm nobody.

Safe by construction: markdown-it takes the text apart and knows no HTML; what is written here are tags of a short list
with attributes made here, everything else is escaped. Links lead to http, https and mailto, to other articles and
within the article; pictures lie beside the articles, or come over https if that is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct

from desk.documents.paths import SUFFIX
from desk.model import Article
from desk.text import fold

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"})
"""Endings of pictures that may be shown; SVG is none, for it can hold programs."""

_BLOCKS = frozenset({
    "p", "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "em", "strong", "s",
})  # fmt: skip
_NEVER = re.compile("[\x00-\x20\x7f-\x9f\\\\]")
_ALIGNED = {"text-align:right": "right", "text-align:center": "center", "text-align:left": "left"}
_HTML = re.compile(r"</?[A-Za-z][^>\n]*>|<!--")


class Heading(Struct, frozen=True):
    """A heading that can be led to."""

    id: str
    level: int
    """2 to 6: the page's own heading is the title."""
    text: str


class Rendered(Struct, frozen=True):
    """An article as HTML, to stand below a heading with its title."""

    html: str
    headings: tuple[Heading, ...] = ()


class Places(Struct, frozen=True):
    """Where other things are found on the site that shows the article."""

    article: Callable[[str], str] = lambda slug: ""
    """The address of an article by its slug; empty if there is none that may be read, and then no link is made."""
    picture: Callable[[str], str] = lambda path: ""
    """The address of a picture by its path below the folder; empty if there is none."""
    remote_pictures: bool = False
    """Whether pictures may come from elsewhere, over https."""


def render(article: Article, places: Places | None = None) -> Rendered:
    """The article's text as HTML."""
    writer = _Writer(article.slug, places or Places())
    return Rendered(writer.blocks(_markdown().parse(article.body)), tuple(writer.headings))


def faults(
    article: Article, is_article: Callable[[str], bool], is_picture: Callable[[str], bool], *, remote: bool = False
) -> Iterator[tuple[int, str]]:
    """What will not be shown as it was meant: lines, from 0 in the body, and what is wrong."""
    for block in _markdown().parse(article.body):
        at = block.map[0] if block.map else 0
        for token in block.children or ():
            if token.type == "link_open":
                target = str(token.attrGet("href") or "")
                slug = slug_of(target, article.slug)
                if slug is not None and not is_article(slug):
                    yield at, f"the link to {unquote(target)} leads to no article"
                elif slug is None and not _leads(target):
                    yield at, f"the link to {unquote(target)} leads nowhere: http, https, mailto, or another .md file"
            elif token.type == "image":
                target = str(token.attrGet("src") or "")
                path = path_of(target, article.slug)
                if path is None and not (remote and _is_remote(target)):
                    yield at, f"the picture {unquote(target)} is not shown: it does not lie among the articles"
                elif path is not None and not is_picture(path):
                    yield at, f"the picture {path} is not there, or is none of {', '.join(sorted(PICTURES))}"
        if block.type == "inline" and any(
            token.type == "text" and _HTML.search(token.content) for token in block.children or ()
        ):
            yield at, "HTML is shown as it is written; use Markdown"


def slug_of(target: str, slug: str) -> str | None:
    """The slug of the article that a link in another one means; None if it means none."""
    path, _, _ = target.partition("#")
    found = path_of(path, slug) if path.endswith(SUFFIX) else None
    return found.removesuffix(SUFFIX) if found else None


def path_of(target: str, slug: str) -> str | None:
    """A path below the folder, of one relative to an article; None for what leads elsewhere."""
    text = unquote(target)
    if not text or _NEVER.search(text.replace(" ", "")) or text.startswith(("/", "#")) or ":" in text or "?" in text:
        return None
    parts = [] if "/" not in slug else slug.split("/")[:-1]
    for part in text.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or None


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _is_remote(target: str) -> bool:
    return _leads(target) and target.casefold().startswith("https://")


def _leads(target: str) -> bool:
    """Whether a link may be followed: by its scheme, as a browser reads it."""
    if _NEVER.search(target):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.hostname)
    return (parts.scheme == "mailto" and "@" in parts.path) or (target.startswith("#") and len(target) > 1)


class _Writer:
    def __init__(self, slug: str, places: Places) -> None:
        self._slug = slug
        self._places = places
        self._open_links: list[bool] = []
        self._ids: set[str] = set()
        self._highest = 1
        """The level of the article's highest headings: many begin with `##`, as the title stands above them."""
        self.headings: list[Heading] = []

    def blocks(self, tokens: Sequence[Token]) -> str:
        written: list[str] = []
        self._highest = min((int(each.tag[1:]) for each in tokens if each.type == "heading_open"), default=1)
        for at, token in enumerate(tokens):
            if token.type == "heading_open":
                written.append(self._heading(token, tokens[at + 1]))
            elif token.type == "heading_close":
                written.append(f"</h{self._level(token)}>\n")
            elif token.type == "inline":
                written.append(self._inline(token.children or ()))
            elif token.type in ("fence", "code_block"):
                written.append(f"<pre><code>{escape(token.content)}</code></pre>\n")
            elif token.type == "hr":
                written.append("<hr>\n")
            elif token.tag in _BLOCKS and not token.hidden:
                written.append(_tag(token))
            elif token.hidden and token.nesting < 0:
                written.append("\n")
        return "".join(written)

    def _heading(self, token: Token, inline: Token) -> str:
        text = "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
        words = re.sub(r"[^\w]+", "-", fold(text)).strip("-")[:60] or "part"
        id, number = f"h-{words}", 1
        while id in self._ids:
            number += 1
            id = f"h-{words}-{number}"
        self._ids.add(id)
        self.headings.append(Heading(id, self._level(token), text))
        return f'<h{self._level(token)} id="{escape(id)}">'

    def _level(self, token: Token) -> int:
        return min(int(token.tag[1:]) - self._highest + 2, 6)

    def _inline(self, tokens: Sequence[Token]) -> str:
        return "".join(map(self._part, tokens))

    def _part(self, token: Token) -> str:
        if token.type == "link_open":
            return self._link(token)
        if token.type == "link_close":
            return "</a>" if self._open_links.pop() else ""
        if token.type == "image":
            return self._picture(token)
        if token.type == "code_inline":
            return f"<code>{escape(token.content)}</code>"
        if token.type == "softbreak":
            return "\n"
        if token.type == "hardbreak":
            return "<br>\n"
        if token.tag in _BLOCKS:
            return f"</{token.tag}>" if token.nesting < 0 else f"<{token.tag}>"
        return escape(token.content)

    def _link(self, token: Token) -> str:
        target = str(token.attrGet("href") or "")
        slug = slug_of(target, self._slug)
        part = target.partition("#")[2] if slug is not None or target.startswith("#") else ""
        if slug is not None:
            address = self._places.article(slug)
        elif target.startswith("#"):
            address = ""
        else:
            address = target if _leads(target) else ""
        fragment = f"#h-{quote(unquote(part).removeprefix('h-'))}" if part else ""
        leads = bool(address) or (bool(fragment) and slug is None)
        self._open_links.append(leads)
        if not leads:
            return ""
        title = token.attrGet("title")
        told = f' title="{escape(str(title))}"' if title else ""
        return f'<a href="{escape(address + fragment)}"{told} rel="noopener noreferrer">'

    def _picture(self, token: Token) -> str:
        target = str(token.attrGet("src") or "")
        alt = _text(token.children or ())
        path = path_of(target, self._slug)
        if path is not None:
            sound = PurePosixPath(path).suffix.casefold() in PICTURES
            address = self._places.picture(path) if sound else ""
        else:
            address = target if self._places.remote_pictures and _is_remote(target) else ""
        if not address:
            return escape(alt)
        return f'<img src="{escape(address)}" alt="{escape(alt)}" loading="lazy">'


def _text(tokens: Sequence[Token]) -> str:
    return "".join(token.content if token.type in ("text", "code_inline") else " " for token in tokens).strip()


def _tag(token: Token) -> str:
    if token.nesting < 0:
        return f"</{token.tag}>\n"
    aligned = _ALIGNED.get(str(token.attrGet("style") or ""), "")
    start = token.attrGet("start") if token.tag == "ol" else None
    told = f' class="{aligned}"' if aligned else f' start="{int(start)}"' if start is not None else ""
    return f"<{token.tag}{told}>"
