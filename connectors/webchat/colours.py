"""Colours that can be read on each other (WCAG 2.2, success criterion 1.4.3)."""

from __future__ import annotations

CONTRAST_AT_LEAST = 4.5


def readable(ink: str, ground: str) -> str:
    """`ink` if it can be read on `ground`, else black or white, whichever is easier; all as `#rrggbb`."""
    if contrast(ink, ground) >= CONTRAST_AT_LEAST:
        return ink
    return max("#000000", "#ffffff", key=lambda each: contrast(each, ground))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
