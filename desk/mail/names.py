"""File names that a mail's parts may have: safe to write, never empty."""

from __future__ import annotations

import mimetypes
import re

from desk.text import line

_SEPARATORS = re.compile(r"[/\\:*?\"<>|]+")
_AT_MOST = 120
_EXTENSIONS = {
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "text/rfc822-headers": ".txt",
    "message/rfc822-headers": ".txt",
    "application/ms-tnef": ".dat",
    "text/calendar": ".ics",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "text/plain": ".txt",
    "text/html": ".html",
    "image/jpeg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "application/octet-stream": ".bin",
}
_STEMS = {
    "message/rfc822": "message",
    "message/delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "text/rfc822-headers": "headers",
    "message/rfc822-headers": "headers",
    "text/calendar": "invitation",
    "application/ms-tnef": "winmail",
    "application/pgp-signature": "signature",
    "application/pkcs7-signature": "smime",
    "application/x-pkcs7-signature": "smime",
    "image": "image",
    "audio": "audio",
    "video": "video",
    "text": "text",
}


def file_name(given: str, media_type: str, number: int) -> str:
    """The name the sender gave without what a file system or a terminal would trip over, or a made-up one.

    `number` counts the mail's parts from 1 and keeps made-up names apart.
    """
    name = _SEPARATORS.sub("_", line(given).replace("\u2424", "_")).strip(". _")
    if not name:
        return _made_up(media_type, number)
    if len(name) > _AT_MOST:
        stem, dot, extension = name.rpartition(".")
        name = stem[: _AT_MOST - 20] + dot + extension[:16] if dot else name[:_AT_MOST]
    return name


def _made_up(media_type: str, number: int) -> str:
    stem = _STEMS.get(media_type) or _STEMS.get(media_type.partition("/")[0], "attachment")
    extension = _EXTENSIONS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"
    return f"{stem}-{number}{extension}"
