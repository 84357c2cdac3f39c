"""Every ink can be read in every theme: the contrast that WCAG 2.2 asks for, and no colour where none is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.color import ColorType
from rich.style import Style

from desk.app import DeskApp
from desk.client import Client
from screens.themes import OURS, SHORT, TOLD
from screens.widgets.entry import Entry
from screens.widgets.ink import INKS

GROUNDS = ("", "bar", "cursor", "cursor-away")
DRAWN = frozenset({"rule"})
"""Lines between things: nothing to read (WCAG 1.4.11 leaves out what is decoration)."""
AA, AAA = 4.5, 7.0


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(style: Style) -> float:
    """The contrast ratio of a style's text to its ground, from 1 to 21."""
    assert style.color is not None
    assert style.bgcolor is not None
    one, other = (luminance(tuple(each.get_truecolor())) for each in (style.color, style.bgcolor))  # type: ignore[arg-type]
    lighter, darker = max(one, other), min(one, other)
    return (lighter + 0.05) / (darker + 0.05)


def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: str) -> DeskApp:
    for name in ("DESK_THEME", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return DeskApp(lambda: Client(tmp_path / "none", "mia"), theme=theme)


@pytest.mark.parametrize(("theme", "least"), [("dark", AA), ("light", AA), ("contrast", AAA)])
async def test_contrast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: str, least: float) -> None:
    desk = app(tmp_path, monkeypatch, theme)
    async with desk.run_test():
        inks = desk.inbox.inks()
        ratios = {
            (ink, on): contrast(inks(ink, on))
            for ink in INKS
            for on in GROUNDS
            if ink not in DRAWN and not ink.startswith("cursor")
        }
        ratios[("cursor", "")] = contrast(inks("cursor"))
        ratios[("cursor-away", "")] = contrast(inks("cursor-away"))
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least} == {}


@pytest.mark.parametrize(("theme", "least"), [("dark", AA), ("light", AA), ("contrast", AAA)])
async def test_what_is_typed_can_be_read_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: str, least: float
) -> None:
    desk = app(tmp_path, monkeypatch, theme)
    async with desk.run_test() as pilot:
        entry = Entry("text", placeholder="hint", id="sheet-entry")
        await desk.inbox.mount(entry)
        await pilot.pause()
        assert contrast(entry.rich_style) >= least
        assert contrast(entry.get_component_rich_style("input--placeholder")) >= AA
        assert contrast(entry.get_component_rich_style("input--selection")) >= AA


async def test_without_colours_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = app(tmp_path, monkeypatch, "mono")
    async with desk.run_test() as pilot:
        inks = desk.inbox.inks()
        for ink in INKS:
            for on in GROUNDS:
                style = inks(ink, on)
                for colour in (style.color, style.bgcolor):
                    assert colour is None or colour.type == ColorType.DEFAULT, (ink, on, colour)
        assert inks("cursor").reverse
        assert inks("alarm").reverse
        assert inks("link").underline
        entry = Entry("text", id="sheet-entry")
        await desk.inbox.mount(entry)
        await pilot.pause()
        assert entry.get_component_rich_style("input--cursor").reverse
        assert entry.get_component_rich_style("input--selection").reverse
        desk.theme = "desk-dark"
        await pilot.pause()
        assert not desk.no_color
        desk.theme = "desk-mono"
        await pilot.pause()
        assert desk.no_color


def test_every_theme_of_ours_is_told() -> None:
    assert set(SHORT) == set(TOLD)
    assert len(SHORT) == len(OURS)
