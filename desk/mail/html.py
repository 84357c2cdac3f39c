"""HTML to text that reads well in a terminal: laid out, hidden parts left out, links as numbered marks.

Nothing is ever fetched. `label [1]` in the text refers to the first of the links.
"""

from __future__ import annotations

import re
from html import unescape

import lxml.html
from inscriptis import Inscriptis
from inscriptis.css_profiles import RELAXED_CSS_PROFILE
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError, _Element

from desk.text import line

_LAID_OUT_AT_MOST = 200_000
"""Characters of HTML that get a real layout; what is longer is stripped of its tags."""
_LINKS_AT_MOST = 1_000
_TARGET_AT_MOST = 2_048
_ALT_AT_MOST = 200
_CONFIG = ParserConfig(css=RELAXED_CSS_PROFILE, display_links=False, display_images=False)
_NO_TARGET = ("#", "cid:", "javascript:void")


class Links:
    """The targets of a mail in order, each once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, target: str) -> int | None:
        """The number of a target, counted from 1; None if there is no sense in showing it."""
        shown = line(target)[:_TARGET_AT_MOST]
        if not shown or shown.lower().startswith(_NO_TARGET):
            return None
        if shown not in self._numbers and len(self._numbers) >= _LINKS_AT_MOST:
            return None
        return self._numbers.setdefault(shown, len(self._numbers) + 1)

    def targets(self) -> tuple[str, ...]:
        return tuple(self._numbers)


_URL = re.compile(r"https?://[^\s<>\"\\^`{|}\u0000-\u001f\u3000-\u303f\uff00-\uffef]{1,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?'*_)]>\u2019\u201d"


def list_urls(text: str, links: Links) -> None:
    """Add the web addresses that a plain text shows, in order; they carry no marks."""
    if "://" not in text:
        return
    for url in _URL.findall(text):
        links.number(url if url.endswith(")") and "(" in url else url.rstrip(_TRAILING))


def to_text(markup: str, links: Links) -> str:
    """The text of an HTML document; its links join `links`."""
    if len(markup) <= _LAID_OUT_AT_MOST:
        try:
            return _laid_out(markup, links)
        except (LxmlError, ValueError, RecursionError, AssertionError, LookupError, TypeError, AttributeError):
            pass
    return _stripped(markup, links)


_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


def _laid_out(markup: str, links: Links) -> str:
    tree = lxml.html.fromstring(_DECLARATION.sub("", markup).replace("\x00", "\ufffd"))
    _mark(tree, links)
    return _tidy(Inscriptis(tree, _CONFIG).get_text())


def _tidy(text: str) -> str:
    text = "\n".join(part.rstrip() for part in text.replace("\xa0", " ").split("\n"))
    return _BLANK_LINES.sub("\n\n", text).strip("\n")


def _mark(tree: _Element, links: Links) -> None:
    """Write `[n]` behind each link and put the words for an image in its place."""
    for image in list(tree.iter("img")):
        alt = line(image.get("alt") or "")[:_ALT_AT_MOST]
        if alt:
            image.tag = "span"
            image.text = f"[{alt}]"
    for anchor in list(tree.iter("a")):
        number = links.number(anchor.get("href") or "")
        if number is not None:
            _append(anchor, f" [{number}]")


def _append(element: _Element, text: str) -> None:
    if len(element):
        last = element[-1]
        last.tail = (last.tail or "").rstrip() + text
    else:
        element.text = (element.text or "").rstrip() + text


_INVISIBLE = re.compile(r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/?(?:p|div|tr|table|li|ul|ol|h[1-6]|blockquote))\b[^>]{0,2000}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!?][^>]{0,4000}>")
_ANCHOR = re.compile(r"<a\b[^>]{0,2000}?\bhref\s*=\s*[\"']?([^\"'\s>]{1,2000})[^>]{0,2000}>", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")


def _stripped(markup: str, links: Links) -> str:
    """For documents too large or too odd to lay out: tags away, breaks kept, marks before the label."""

    def marked(match: re.Match[str]) -> str:
        number = links.number(unescape(match[1]))
        return f"[{number}] " if number is not None else ""

    text = _INVISIBLE.sub("", markup)
    text = _SPACES.sub(" ", text.replace("\n", " "))
    text = _BREAK.sub("\n", _ANCHOR.sub(marked, text))
    return _tidy(unescape(_TAG.sub("", text)))
