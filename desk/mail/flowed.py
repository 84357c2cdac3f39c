"""Text that its sender broke into lines only for transport (RFC 3676)."""

from __future__ import annotations

import re

_QUOTES = re.compile(r">*")


def unflow(text: str, *, delsp: bool = False) -> str:
    """`text` of `format=flowed` with its paragraphs on one line each; quote marks and signatures stay."""
    paragraphs: list[list[str]] = []
    flowing = False
    flowing_depth = 0
    for given in text.split("\n"):
        depth = _depth(given)
        content = given[depth:].removeprefix(" ")
        signature = content == "-- "
        if not (flowing and depth == flowing_depth and not signature):
            paragraphs.append([">" * depth + " " if depth else ""])
        flowing = content.endswith(" ") and not signature
        flowing_depth = depth
        paragraphs[-1].append(content[:-1] if flowing and delsp else content)
    return "\n".join(map("".join, paragraphs))


def _depth(given: str) -> int:
    if not given.startswith(">"):
        return 0
    match = _QUOTES.match(given)
    return match.end() if match else 0
