"""How the store keeps raw bytes: one tag byte, then the bytes deflated or, where that gains nothing, as they are."""

from __future__ import annotations

import zlib

_STORED = b"\x00"
_DEFLATED = b"\x01"
_LEVEL = 1
"""The ham archive shrinks to 47% at level 1 and to 45% at level 9."""
_SMALL = 64 * 1024
_SMALL_WINDOW, _SMALL_MEMORY = 13, 6
"""zlib clears its tables for each mail: small ones make a 3 KB mail cost 54 µs instead of 117, at the same ratio."""
_LARGE = 2 * 1024 * 1024
"""Such mail is mostly base64, which shrinks by a quarter for its alphabet alone, in a third of the time."""
_TOO_SHORT = 64


def pack(raw: bytes) -> bytes:
    """`raw` in the form the store keeps; never more than one byte longer."""
    if len(raw) < _TOO_SHORT:
        return _STORED + raw
    deflated = _deflate(raw)
    return _DEFLATED + deflated if len(deflated) < len(raw) else _STORED + raw


def _deflate(raw: bytes) -> bytes:
    if len(raw) > _LARGE:
        stream = zlib.compressobj(_LEVEL, strategy=zlib.Z_HUFFMAN_ONLY)
        return stream.compress(raw) + stream.flush()
    if len(raw) > _SMALL:
        return zlib.compress(raw, _LEVEL)
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _SMALL_WINDOW, _SMALL_MEMORY)
    return stream.compress(raw) + stream.flush()


def unpack(packed: bytes) -> bytes:
    """The bytes that `pack` was given.

    Raises ValueError if `packed` was not made by `pack` or has been damaged.
    """
    tag, content = packed[:1], packed[1:]
    if tag == _STORED:
        return content
    if tag != _DEFLATED:
        raise ValueError(f"packed bytes begin with the unknown tag {tag!r}")
    try:
        return zlib.decompress(content)
    except zlib.error as error:
        raise ValueError(f"packed bytes are damaged: {error}") from error
