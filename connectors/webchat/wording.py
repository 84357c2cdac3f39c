"""What pages say in the language of who reads them: one file for each language and each kind of page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec

from connectors.webchat import assets
from connectors.webchat.http import AnyRequest

_FOLDER = files("connectors.webchat").joinpath("languages")


class Wording:
    """Sentences in one language."""

    def __init__(self, tag: str, said: Mapping[str, Any]) -> None:
        self.tag = tag
        self._said = said

    def say(self, key: str, **values: object) -> str:
        """A sentence."""
        text = str(self._said[key])
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text


@lru_cache
def chosen(kind: str, language: str) -> str:
    """The language in which there are pages of a kind for who speaks another: that of its tag, or English."""
    for tag in (language, language.partition("-")[0]):
        if tag in assets.languages() and _FOLDER.joinpath(kind, f"{tag}.json").is_file():
            return tag
    return "en"


@lru_cache
def said_in(kind: str, tag: str) -> dict[str, Any]:
    """All that a language says on pages of a kind."""
    said: dict[str, Any] = msgspec.json.decode(_FOLDER.joinpath(kind, f"{tag}.json").read_bytes())
    return said


def asked_for(request: AnyRequest) -> str:
    """The first language that the browser asks for of those there are (RFC 9110, section 12.5.4)."""
    wanted = [each.partition(";")[0].strip() for each in request.headers.get("accept-language", "")[:200].split(",")]
    known = assets.languages()
    return next((each for each in wanted if each in known or each.partition("-")[0] in known), "en")
