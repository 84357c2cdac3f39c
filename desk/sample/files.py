"""The sample's attachments, drawn when they are needed: small, real PNG and PDF files."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

_SIZE = 96


class File(NamedTuple):
    """An attachment."""

    name: str
    media_type: str
    data: bytes


@cache
def attachment(spec: str) -> File:
    """The file of a spec such as `photo:door.png` or `pdf:invoice.pdf`. Equal specs give equal bytes."""
    kind, _, name = spec.partition(":")
    if kind == "photo":
        return File(name=name, media_type="image/png", data=png(name))
    return File(name=name, media_type="application/pdf", data=pdf(name))


def png(seed: str) -> bytes:
    """A square picture of two wheels on a road in colours of the seed (PNG, ISO/IEC 15948)."""
    colours = blake2b(seed.encode(), digest_size=9).digest()
    sky, road, wheel = colours[:3], colours[3:6], colours[6:]
    rows = bytearray()
    for y in range(_SIZE):
        rows.append(0)
        for x in range(_SIZE):
            rows += wheel if _on_a_wheel(x, y) else road if y > 74 else sky
    header = struct.pack(">IIBBBBB", _SIZE, _SIZE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _on_a_wheel(x: int, y: int) -> bool:
    return any(196 <= (x - hub) ** 2 + (y - 58) ** 2 <= 300 for hub in (24, 72))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def pdf(name: str) -> bytes:
    """A page that says what it is (PDF 1.4, ISO 32000-1)."""
    title = name.removesuffix(".pdf").replace("-", " ").encode("ascii", "replace")
    text = b"BT /F1 22 Tf 72 740 Td (Larkspur Cycles) Tj 0 -36 Td /F1 14 Tf (" + title + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    document = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    document += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(document)
