"""What a file is, by its content: a name says what somebody wants it to be taken for.

Signatures: WHATWG MIME Sniffing (sections 6.1 and 6.2) for pictures, ISO 32000 for PDF, ISO/IEC 14496-12 for `ftyp`,
PKWARE APPNOTE and the containers' own standards (ECMA-376 part 2, ODF 1.3 part 2) for what is a ZIP file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

from msgspec import Struct


class Kind(Struct, frozen=True):
    """One kind of file."""

    media_type: str
    endings: tuple[str, ...]
    """Of names, the first for those that have none."""


KINDS: Mapping[str, Kind] = {
    "png": Kind("image/png", ("png",)),
    "jpeg": Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif")),
    "gif": Kind("image/gif", ("gif",)),
    "webp": Kind("image/webp", ("webp",)),
    "avif": Kind("image/avif", ("avif",)),
    "heic": Kind("image/heic", ("heic", "heif")),
    "pdf": Kind("application/pdf", ("pdf",)),
    "text": Kind("text/plain", ("txt", "text", "log", "csv", "md")),
    "mp4": Kind("video/mp4", ("mp4", "m4v", "mov")),
    "docx": Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",)),
    "xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",)),
    "odt": Kind("application/vnd.oasis.opendocument.text", ("odt",)),
    "ods": Kind("application/vnd.oasis.opendocument.spreadsheet", ("ods",)),
    "zip": Kind("application/zip", ("zip",)),
}
RASTER = frozenset({"png", "jpeg", "gif", "webp", "avif"})
"""Pictures that a browser may show: they hold no programs, as SVG can."""

_BEGINS = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "pdf": (b"%PDF-",),
}
_BRANDS = {
    "avif": (b"avif", b"avis"),
    "heic": (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"),
    "mp4": (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"M4V ", b"qt  ", b"avc1", b"dash"),
}
_OPEN_DOCUMENTS = {KINDS[name].media_type.encode(): name for name in ("odt", "ods")}
_ENTRIES_AT_MOST = 10_000
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_MARKUP = re.compile(rb"<(?:!doctype|!--|\?xml|html|head|body|script|style|iframe|svg|img|a|p|div|table|title)\b", re.I)


def kind_of(data: bytes) -> str:
    """Which of `KINDS` it is; empty for anything else: programs, markup, what is cut off."""
    for name, begins in _BEGINS.items():
        if data.startswith(begins):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return next((name for name, brands in _BRANDS.items() if data[8:12] in brands), "")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _container(data)
    return "text" if _is_text(data) else ""


def is_named(name: str, kind: str) -> bool:
    """Whether a name's ending is one of the kind's, so that whoever opens it gets what they think; or has none."""
    ending = name.rpartition(".")[2].casefold() if "." in name else ""
    return not ending or ending in KINDS[kind].endings


def named(name: str, kind: str) -> str:
    """The name with an ending."""
    return name if "." in name else f"{name}.{KINDS[kind].endings[0]}"


def _container(data: bytes) -> str:
    """Macros make a document another kind, which nobody takes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as found:
            entries = found.infolist()
            if len(entries) > _ENTRIES_AT_MOST:
                return ""
            names = {each.filename for each in entries}
            if entries and entries[0].filename == "mimetype" and entries[0].file_size < 100:
                return _OPEN_DOCUMENTS.get(found.read(entries[0]).strip(), "")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return ""
    if "[Content_Types].xml" not in names:
        return "zip"
    if any(each.rpartition("/")[2] == "vbaProject.bin" for each in names):
        return ""
    return "docx" if "word/document.xml" in names else "xlsx" if "xl/workbook.xml" in names else ""


def _is_text(data: bytes) -> bool:
    """UTF-8 without control characters, in which no browser would see markup."""
    if not data or _CONTROL.search(data) or b"\x1b" in data or _MARKUP.search(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
