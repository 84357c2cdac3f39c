"""Painting without composing, where nothing lies over anything.

Textual puts every update together from all widgets that touch it, containers too, cut at every edge of every line:
2 ms for a tall list. Widgets that paint whole opaque lines, with nothing over them, can write theirs as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip

from screens.widgets.lines import WholeLines

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.widget import Widget

Places = Mapping["Widget", tuple[Region, Region]]
"""Where each visible widget is, and what of the screen it may use."""


class LinesUpdate(CompositorUpdate):
    """Lines that replace what stands at their places."""

    def __init__(self, lines: list[tuple[int, int, Strip]]) -> None:
        """`lines` are column, row and what to write there."""
        self.lines = lines

    def render_segments(self, console: Console) -> str:
        return "".join([f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.lines])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Segment(self.render_segments(console))


class LinesCompositor(Compositor):
    """Textual's compositor, left out of updates that concern nothing but unobstructed `WholeLines` widgets."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: Places | None = None
        self._bare: dict[Widget, Region] = {}

    def render_update(
        self, full: bool = False, screen_stack: list[Screen[Any]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        if not full and self._dirty_regions:
            lines = self._lines()
            if lines is not None:
                self._dirty_regions.clear()
                return LinesUpdate(lines)
        return super().render_update(full, screen_stack, simplify)

    def _lines(self) -> list[tuple[int, int, Strip]] | None:
        """What is to be written, None if other widgets have a say in it."""
        if self._seen is not self.visible_widgets:
            self._seen = self.visible_widgets
            self._bare = unobstructed(self._seen)
        screen = self.size.region
        lines: list[tuple[int, int, Strip]] = []
        parts: dict[Widget, list[Region]] = {}
        for dirty in self._dirty_regions:
            region = dirty.intersection(screen)
            left = region.area
            for widget, place in self._bare.items():
                if part := region.intersection(place):
                    left -= part.area
                    parts.setdefault(widget, []).append(part)
            if left:
                return None
        for widget, regions in parts.items():
            place = self._bare[widget]
            around = Region.from_union(regions)
            wanted = {y for region in regions for y in region.line_range}
            strips = widget.render_lines(around.translate(-place.offset))
            lines += [(around.x, y, s) for y, s in zip(around.line_range, strips, strict=True) if y in wanted]
        return lines


def unobstructed(places: Places) -> dict[Widget, Region]:
    """The widgets that paint whole lines, are wholly on the screen and share no cell with another's."""
    shown = {widget: region.intersection(clip) for widget, (region, clip) in places.items()}
    bare: dict[Widget, Region] = {}
    for widget, (region, clip) in places.items():
        if isinstance(widget, WholeLines) and clip.contains_region(region):
            beneath = {widget, *widget.ancestors}
            if not any(region.overlaps(place) for other, place in shown.items() if other not in beneath):
                bare[widget] = region
    return bare
