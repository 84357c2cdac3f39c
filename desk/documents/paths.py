"""A document's key: its path below its folder, without `.md`."""

from __future__ import annotations

import re
import unicodedata

from desk.text import line

SUFFIX = ".md"
FILES = ".files"
"""`late.files/` holds what was attached to `late.md` in the terminal."""

_DEEP_AT_MOST = 8
_PART = re.compile(r"(?![.\s])[^/\\\x00-\x1f\x7f]{1,100}(?<![.\s])")
_OF_LANGUAGE = re.compile(r"(.+)\.([a-z]{2}(?:-[A-Za-z]{2,4})?)")


def is_sound(path: str) -> bool:
    """Whether a file of the folder may be called so: nothing hidden, nothing outside, nothing that cannot be shown."""
    parts = path.split("/")
    return len(parts) <= _DEEP_AT_MOST and all(_PART.fullmatch(part) and line(part) == part for part in parts)


def default_title(key: str) -> str:
    """`Late parcel` of `shipping/late-parcel.de`."""
    words = re.sub(r"[-_\s]+", " ", stem(key)).strip()
    return words[:1].upper() + words[1:]


def language_of(key: str) -> str:
    """`de` of `shipping/late.de`, empty of `shipping/late`."""
    match = _OF_LANGUAGE.fullmatch(key.rpartition("/")[2])
    return match[2] if match else ""


def file_name(title: str, otherwise: str) -> str:
    """`late-parcel` for `Late parcel`; `otherwise` for a title without letters."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return re.sub(r"[^\w]+", "-", folded).strip("-_")[:60].strip("-_") or otherwise


def stem(key: str) -> str:
    """The file's name without its folder and its language."""
    name = key.rpartition("/")[2]
    match = _OF_LANGUAGE.fullmatch(name)
    return match[1] if match else name
