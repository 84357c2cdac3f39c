"""What browsers load: read once, the panel's modules joined, without what is for its readers only, and compressed."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import lru_cache
from importlib.resources import files
from string import ascii_letters

import msgspec
from msgspec import Struct
from rjsmin import jsmin

from connectors.webchat import bundles
from connectors.webchat.colours import readable
from connectors.webchat.settings import SiteSettings

TYPES = {
    "js": "text/javascript",
    "css": "text/css",
    "json": "application/json",
    "html": "text/html",
}
_HERE = files("connectors.webchat")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ELSEWHERE = frozenset({"invite", "may-see", "help-search", "mail-subject", "mail-beginning"})
"""Words that are said on the shop's page, on those of the help centre, or in mail."""
_FILLED = "const SITE = {};"
_SEEING = "const seeing = null;"
_STYLE = 'const STYLE = "";'
_PRIVATE = re.compile(r"(?<=[\s.])#[a-z]\w*")


class Asset(Struct, frozen=True, kw_only=True):
    """One file as it is served."""

    body: bytes
    compressed: bytes
    """The same with gzip (RFC 1952)."""
    media_type: str
    tag: str
    """The same for the same content (RFC 9110, section 8.8.3)."""


def loader(settings: SiteSettings) -> Asset:
    """`desk.js`, which pages load, with the site's colours and the bubble's labels in every language."""
    ink = readable(settings.ink, settings.colour)
    labels = {each: _labels(each, asking=settings.trail == "ask") for each in languages()}
    site = {"colour": settings.colour, "ink": ink, "trail": settings.trail, "labels": labels}
    text = _dressed("desk").replace(_FILLED, f"const SITE = {_json(site)};")
    return _asset(jsmin(text if settings.trail == "off" else text.replace(_SEEING, _dressed("seen"))), "js")


def _labels(tag: str, *, asking: bool) -> dict[str, object]:
    said = _words(tag)
    bubble = msgspec.convert(said["bubble"], dict[str, object])
    return {**bubble, "seen": said["may-see"]} if asking else bubble


def invitation(language: str) -> tuple[str, str]:
    """How somebody who speaks that language says yes and no to an invitation."""
    known = (each for each in (language, language.partition("-")[0], "en") if each in languages())
    return msgspec.convert(_words(next(known))["invite"], tuple[str, str])


def theme(settings: SiteSettings) -> bytes:
    """The site's colours as a style sheet."""
    return f":root{{--desk-colour:{settings.colour};--desk-ink:{readable(settings.ink, settings.colour)}}}\n".encode()


@lru_cache
def static(name: str) -> Asset | None:
    """`panel.js` and its parts, and what else there is beside them; None for anything else."""
    if name == "panel.js":
        return _asset(jsmin(bundles.panel(_module)), "js")
    if name.removesuffix(".js") in bundles.PARTS:
        return _asset(jsmin(bundles.part(_module, name.removesuffix(".js"))), "js")
    if name in ("trail.js", "callback.js"):
        return _asset(jsmin(_text(name)), "js")
    return _asset(_slim(_text(name)), "css") if name in ("panel.css", "help.css", "callback.css") else None


@lru_cache
def version() -> str:
    """Another one whenever anything that the panel is made of changes."""
    names = ("panel.js", "panel.css", "callback.js", *(f"{each}.js" for each in bundles.PARTS))
    tags = [each.tag for each in (*map(static, names), *(language(f"{tag}.json") for tag in languages())) if each]
    return hashlib.sha256("".join(tags).encode()).hexdigest()[:12]


@lru_cache
def demo(name: str) -> Asset:
    """`page.html` or `demo.css` of the shop that does not exist."""
    return _asset(_HERE.joinpath("demo", name).read_text("utf-8"), name.rpartition(".")[2])


@lru_cache
def language(name: str) -> Asset | None:
    """`de.json` of what the panel says, in English where that language does not; None if there is none of it.

    A name is looked for, never made into a path.
    """
    tag, _, kind = name.rpartition(".")
    if kind != "json" or tag not in languages():
        return None
    said = {name: text for name, text in {**_words("en"), **_words(tag)}.items() if name not in _ELSEWHERE}
    return _asset(_json(said), kind)


@lru_cache
def languages() -> tuple[str, ...]:
    """The tags (RFC 5646) of those there are files for."""
    names = (each.name.rpartition(".") for each in _HERE.joinpath("languages").iterdir() if each.is_file())
    return tuple(sorted(tag for tag, _, kind in names if kind == "json" and _TAG.fullmatch(tag)))


@lru_cache
def words(language: str) -> dict[str, str]:
    """What stands on pages in that language, or in English."""
    known = _words(language if language in languages() else "en")
    return {name: text for name, text in known.items() if isinstance(text, str)}


def _words(tag: str) -> dict[str, object]:
    words: dict[str, object] = msgspec.json.decode(_HERE.joinpath("languages", f"{tag}.json").read_bytes())
    return words


def _text(*path: str) -> str:
    return _HERE.joinpath("static", *path).read_text("utf-8")


def _module(name: str) -> str:
    return _dressed("panel", name)


def _dressed(*path: str) -> str:
    """A script with the style sheet that lies beside it, if it asks for one."""
    *folder, name = path
    text = _shortened(_text(*folder, f"{name}.js"))
    if _STYLE not in text:
        return text
    return text.replace(_STYLE, f"const STYLE = {_json(_slim(_text(*folder, f'{name}.css')))};")


def _shortened(script: str) -> str:
    """With short names for the private members of its classes, which nobody outside of them can say."""
    names = list(dict.fromkeys(_PRIVATE.findall(script)))
    return _PRIVATE.sub(lambda found: f"#{ascii_letters[names.index(found[0])]}", script)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _slim(source: str) -> str:
    """A style sheet without the white space that only its readers need; ours have none in quotes."""
    return re.sub(r"(?<=[{};,:]) | (?=[{}])", "", "".join(line.strip() for line in source.splitlines()))


def _asset(text: str, kind: str) -> Asset:
    body = text.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return Asset(body=body, compressed=gzip.compress(body, 9, mtime=0), media_type=TYPES[kind], tag=tag)
