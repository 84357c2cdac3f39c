"""The panel's modules joined: one request for what everybody needs at first sight, one more for each part beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

PARTS = ("answers", "talk", "questions", "farewell")
"""Modules that, with what only they import, are parts of their own: fetched when somebody needs them."""
_SHARED = "const SHARED = {};"
_IMPORT = re.compile(r'^import \{ (.*?) \} from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)

Source = Callable[[str], str]
"""The text of a module by its name."""


class Joined(NamedTuple):
    """Modules in one text, each after those it imports."""

    text: str
    modules: frozenset[str]
    wanted: Mapping[str, None]
    """Names that are imported from modules which are not among them, in order."""


def panel(source: Source) -> str:
    """What is loaded first: a script without a global, that hands its parts what they use of it."""
    first = _first(source)
    wanted = {name: None for each in PARTS for name in _joined(source, each, first.modules).wanted}
    text = first.text.replace(_SHARED, f"const SHARED = {{ {', '.join(wanted)} }};")
    return f'(async () => {{\n"use strict";\n{text}}})();\n'


def part(source: Source, name: str) -> str:
    """A part as a module: a function of what it uses of the panel, that answers what it exports."""
    joined = _joined(source, name, _first(source).modules)
    exported = ", ".join(_EXPORTED.findall(source(name)))
    return f"export default ({{ {', '.join(joined.wanted)} }}) => {{\n{joined.text}return {{ {exported} }};\n}};\n"


def _first(source: Source) -> Joined:
    return _joined(source, "panel", frozenset())


def _joined(source: Source, root: str, there: frozenset[str]) -> Joined:
    """`there`: modules that are loaded already."""
    texts: dict[str, str] = {}
    wanted: dict[str, None] = {}

    def add(module: str) -> None:
        if module in texts:
            return
        text = source(module)
        texts[module] = ""
        for names, other in _IMPORT.findall(text):
            if other in there:
                wanted.update(dict.fromkeys(names.split(", ")))
            else:
                add(other)
        del texts[module]
        texts[module] = re.sub(r"^export ", "", _IMPORT.sub("", text), flags=re.MULTILINE)

    add(root)
    return Joined("".join(texts.values()), frozenset(texts), wanted)
