"""Text that its sender broke into lines only for transport (RFC 3676)."""

from __future__ import annotations

import re

_QUOTES = re.compile(r">*")


def unflow(text: str, *, delsp: bool = False) -> str:
    """`text` of `format=flowed` with its paragraphs on one line each; quote marks and signatures stay."""
    out: list[str] = []
    flowing = False
    flowing_depth = 0
    for given in text.split("\n"):
        depth = _depth(given)
        content = given[depth:]
        content = content[1:] if content.startswith(" ") else content
        signature = content == "-- "
        if flowing and depth == flowing_depth and not signature:
            out[-1] += content
        else:
            out.append((">" * depth + " " if depth else "") + content)
        flowing = content.endswith(" ") and not signature
        flowing_depth = depth
        if flowing and delsp:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def _depth(given: str) -> int:
    match = _QUOTES.match(given)
    return match.end() if match else 0
