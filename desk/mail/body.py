"""Which of a mail's parts are its text, and which are files."""

from __future__ import annotations

import re

from desk.mail import charset, html, parsed
from desk.mail.flowed import unflow
from desk.mail.mime import Broken, Part
from desk.mail.names import file_name
from desk.mail.parsed import Limits
from desk.text import clean, line

_TEXT_AT_MOST = 500_000
"""Characters of text that are shown and indexed; the whole is then attached, so nothing is out of reach."""
_STUB = re.compile(r"html|browser|web ?version|view (?:this|the) (?:e-?mail|message)|online (?:ansehen|anzeigen)", re.I)
_STUB_AT_MOST = 300
_LOOKS_LIKE_HTML = re.compile(r"\s{0,200}<(?:!doctype html|html|head|body|table|div|p|font|center|meta)\b", re.I)
_BODY_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/x-amp-html", "text"})
_ENRICHED_TYPES = frozenset({"text/enriched", "text/richtext"})
_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics"})
_TAGS = re.compile(r"<[^<>]{0,100}>")


class Content:
    """The text, links and files of one mail, gathered part by part in the order in which they are shown."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._texts: list[str] = []
        self._length = 0
        self._links = html.Links()
        self.parts: list[parsed.Part] = []
        self.calendar = ""
        """The first calendar part, as text."""
        self.defects: list[str] = []

    @property
    def text(self) -> str:
        return "\n\n".join(self._texts)

    @property
    def links(self) -> tuple[str, ...]:
        return self._links.targets()

    def add(self, part: Part) -> None:
        """Take in a part and all beneath it.

        Raises:
            Broken: more files than the limits allow.
        """
        if part.defect:
            self.defects.append(part.defect)
        if part.media_type == "multipart/alternative" and part.children:
            self._add_alternative(part)
        elif part.children:
            for child in part.children:
                self.add(child)
        elif _is_text(part):
            self._add_text(part)
        else:
            self._attach(part)

    def _add_alternative(self, part: Part) -> None:
        plain = next((child for child in part.children if child.media_type == "text/plain" and _is_text(child)), None)
        rich = next((child for child in part.children if _has_html(child)), None)
        chosen = plain if plain and not (rich and _is_stub(plain)) else rich or part.children[0]
        for child in part.children:
            if child is chosen:
                self.add(child)
                continue
            for leaf in child.leaves():
                if not _is_text(leaf):
                    self._attach(leaf)

    def _add_text(self, part: Part) -> None:
        room = _TEXT_AT_MOST - self._length
        source = _source(part)
        if part.media_type == "text/html" or _LOOKS_LIKE_HTML.match(source):
            text = html.to_text(source, self._links)
            shown = clean(text[:room])
            if source.count("<") > html.TAGS_AT_MOST:
                self._cut(part, f"more than {html.TAGS_AT_MOST:,} tags; what they begin is shown, all is attached")
        else:
            text = source if part.media_type not in _ENRICHED_TYPES else _TAGS.sub("", source)
            shown = clean(text[:room])
            if part.parameters.get("format", "").lower() == "flowed":
                shown = unflow(shown, delsp=part.parameters.get("delsp", "").lower() == "yes")
            html.list_urls(shown, self._links)
        if len(text) > room:
            self._cut(part, f"{len(text):,} characters of text; the first {room:,} are shown, all are attached")
        self._length += len(shown)
        shown = shown.strip("\n")
        if shown.strip():
            self._texts.append(shown)

    def _cut(self, part: Part, why: str) -> None:
        """A text is not shown whole: say so, and keep the whole as a file."""
        self.defects.append(why)
        self._attach(part)

    def _attach(self, part: Part) -> None:
        if len(self.parts) >= self._limits.attachments:
            raise Broken(f"more than {self._limits.attachments:,} attachments")
        if part.media_type in _CALENDAR_TYPES and not self.calendar:
            self.calendar = _source(part)
        content_id = line(part.headers.plain("content-id")).strip("<> ")[:300]
        inline = part.disposition == "inline" or (bool(content_id) and part.disposition != "attachment")
        self.parts.append(
            parsed.Part(
                name=file_name(part.name, part.media_type, len(self.parts) + 1),
                media_type=part.media_type,
                data=part.content(),
                inline=inline,
                content_id=content_id,
            )
        )


def _is_text(part: Part) -> bool:
    if part.children or part.disposition == "attachment":
        return False
    if part.media_type.startswith("multipart/"):
        return True
    return part.media_type in _BODY_TYPES and not (part.name and part.media_type != "text/html")


def _has_html(part: Part) -> bool:
    return any(leaf.media_type == "text/html" for leaf in part.leaves())


def _source(part: Part) -> str:
    return charset.decode(part.content(), part.parameters.get("charset", ""))


def _is_stub(part: Part) -> bool:
    """Whether a plain alternative only says that there is a better one."""
    if part.size > 4 * _STUB_AT_MOST:
        return False
    text = _source(part).strip()
    return not text or (len(text) <= _STUB_AT_MOST and _STUB.search(text) is not None)
