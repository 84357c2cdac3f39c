"""What browsers load: small, nothing that makes text into markup, every language complete, every colour readable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from babel import Locale

from connectors.webchat import assets, bundles
from connectors.webchat.colours import CONTRAST_AT_LEAST, contrast, readable
from connectors.webchat.settings import SiteSettings

HERE = Path(assets.__file__).parent
SITE = SiteSettings(key="shop", origins=["https://shop.example"])
AT_MOST = 20 * 1024
"""Bytes that a page has cost once its chat is open, on answers or on a person: what is read next comes by itself."""
ROOM = 1_000
"""For what a chat may have to learn yet."""


def words(tag: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((HERE / "languages" / f"{tag}.json").read_bytes())
    return found


def size(*loaded: assets.Asset | None) -> int:
    """Bytes on the wire."""
    assert all(loaded)
    return sum(len(each.compressed) for each in loaded if each)


def test_all_of_it_is_small() -> None:
    first = size(assets.loader(SITE), *map(assets.static, ("panel.js", "panel.css")))
    parts = {each: size(assets.static(f"{each}.js")) for each in bundles.PARTS}
    said = {tag: size(assets.language(f"{tag}.json")) for tag in assets.languages()}
    assert first + said["en"] + parts["talk"] <= AT_MOST - ROOM
    assert first + said["en"] + parts["talk"] + parts["questions"] <= AT_MOST
    assert first + max(said.values()) + max(parts.values()) <= AT_MOST
    assert first + said["en"] + sum(parts.values()) <= AT_MOST * 1.2
    seen = SiteSettings(key="shop", origins=["https://shop.example"], trail="ask")
    assert size(assets.loader(seen), assets.static("trail.js")) - size(assets.loader(SITE)) <= AT_MOST / 6


def test_no_text_is_made_into_markup_or_code() -> None:
    banned = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|DOMParser"
    banned += r"|createContextualFragment|\beval\b|new Function"
    banned += r"|postMessage\([^)]*[\"']\*[\"']"
    sources = list((HERE / "static").rglob("*.js"))
    assert sources
    assert [path.name for path in sources if re.search(banned, path.read_text())] == []


def test_every_module_is_loaded_and_no_name_is_declared_twice() -> None:
    texts = [bundles.panel(assets._module), *(bundles.part(assets._module, each) for each in bundles.PARTS)]
    exported = [
        re.findall(r"^export (?:async )?(?:function|class) (\w+)", path.read_text(), re.MULTILINE)
        for path in (HERE / "static" / "panel").glob("*.js")
    ]
    declared = [re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", text, re.MULTILINE) for text in texts]
    assert sorted(name for each in exported for name in each) == sorted(
        name for each in declared for name in each if any(name in names for names in exported)
    )
    for text, names in zip(texts, declared, strict=True):
        assert len(names) == len(set(names))
        assert not re.search(r"^(?:import|export) (?!default)", text, re.MULTILINE)
        given = re.match(r"export default \(\{ (.*?) \}\)", text)
        assert not given or not set(given[1].split(", ")) & set(names)


@pytest.mark.parametrize("tag", assets.languages())
def test_a_language_says_everything(tag: str) -> None:
    own, english = words(tag), words("en")
    assert own.keys() - {"dir"} == english.keys()
    forms = {*Locale.parse(tag, sep="-").plural_form.tags, "other"}
    for key, text in {**english, **english["bubble"]}.items():
        said = own["bubble"][key] if key in english["bubble"] else own[key]
        assert type(said) is type(text), key
        if isinstance(text, dict) and key != "bubble":
            assert forms <= said.keys(), key
        if isinstance(text, list):
            assert len(said) == len(text), key
        if isinstance(text, str):
            assert set(re.findall(r"\{\w+\}", said)) == set(re.findall(r"\{\w+\}", text)), key


@pytest.mark.parametrize("colour", ["#2f5d8a", "#ffffff", "#000000", "#ffd400", "#777777", "#ff0000"])
@pytest.mark.parametrize("ink", ["#ffffff", "#000000", "#ffd400"])
def test_what_is_written_can_be_read(ink: str, colour: str) -> None:
    assert contrast(readable(ink, colour), colour) >= CONTRAST_AT_LEAST


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [(ink, ground) for ink in ("text", "quiet", "link") for ground in ("page", "theirs")] + [("wrong", "page")],
)
def test_the_panels_own_colours_can_be_read(scheme: int, ink: str, ground: str) -> None:
    style = (HERE / "static" / "panel.css").read_text()
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]))
    assert contrast(colours[ink], colours[ground]) >= CONTRAST_AT_LEAST
