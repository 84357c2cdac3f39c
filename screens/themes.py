"""The colours: dark, light, of high contrast, none at all, and the terminal's own sixteen.

Every ink on every ground has the contrast that WCAG 2.2 asks for: 4.5 (AA) in the first two, 7 (AAA) in `CONTRAST`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="desk-dark",
    primary="#8cb0e0",
    secondary="#8fb8a8",
    accent="#7fb4ca",
    warning="#d9a862",
    error="#f08c93",
    success="#8fbf7f",
    foreground="#c8ccd4",
    background="#16191e",
    surface="#1b1f26",
    panel="#20252d",
    dark=True,
    variables={
        "desk-dim": "#97a0ae",
        "desk-rule": "#2e3540",
        "desk-cursor": "#26364c",
        "desk-cursor-away": "#222933",
        "desk-note": "#d8c077",
        "desk-alarm-ground": "#8f2f38",
        "desk-alarm-text": "#ffffff",
        "desk-strong": "#e9ecf2",
    },
)
LIGHT = Theme(
    name="desk-light",
    primary="#2a5795",
    secondary="#2a634e",
    accent="#155f78",
    warning="#7d4e00",
    error="#a81f28",
    success="#2f6820",
    foreground="#2b303a",
    background="#fafaf7",
    surface="#f2f2ee",
    panel="#e9e9e3",
    dark=False,
    variables={
        "desk-dim": "#565d68",
        "desk-rule": "#d5d6d0",
        "desk-cursor": "#d3e3f4",
        "desk-cursor-away": "#e6eaee",
        "desk-note": "#6b5100",
        "desk-alarm-ground": "#a81f28",
        "desk-alarm-text": "#ffffff",
        "desk-strong": "#0d1117",
    },
)
CONTRAST = Theme(
    name="desk-contrast",
    primary="#a8d1ff",
    secondary="#a5f0c5",
    accent="#7fe3ff",
    warning="#ffd75f",
    error="#ffb0b0",
    success="#a6f58f",
    foreground="#ffffff",
    background="#000000",
    surface="#101010",
    panel="#1c1c1c",
    dark=True,
    variables={
        "desk-dim": "#d2d2d2",
        "desk-rule": "#8a8a8a",
        "desk-cursor": "#00305f",
        "desk-cursor-away": "#2a2a2a",
        "desk-note": "#ffe58a",
        "desk-alarm-ground": "#ffd75f",
        "desk-alarm-text": "#000000",
        "desk-strong": "#ffffff",
    },
)
_SIXTEEN = BUILTIN_THEMES["ansi-dark"]
ANSI = replace(
    _SIXTEEN,
    name="desk-ansi",
    variables={
        **_SIXTEEN.variables,
        "desk-dim": "ansi_default",
        "desk-rule": "ansi_default",
        "desk-cursor": "ansi_default",
        "desk-cursor-away": "ansi_default",
        "desk-note": "ansi_yellow",
        "desk-alarm-ground": "ansi_red",
        "desk-alarm-text": "ansi_white",
        "desk-strong": "ansi_default",
    },
)
MONO = replace(
    ANSI,
    name="desk-mono",
    primary="ansi_default",
    secondary="ansi_default",
    accent="ansi_default",
    warning="ansi_default",
    error="ansi_default",
    success="ansi_default",
    variables={name: value if name.endswith("-style") else "ansi_default" for name, value in ANSI.variables.items()},
)
"""No colour at all: bold, underlined, faint and reversed text tell what colours tell elsewhere."""

OURS = (DARK, LIGHT, CONTRAST, MONO, ANSI)
SHORT: Mapping[str, str] = {theme.name.removeprefix("desk-"): theme.name for theme in OURS}
"""What people call them, and what they are called."""
TOLD: Mapping[str, str] = {
    "dark": "dark and calm",
    "light": "dark text on light ground",
    "contrast": "white on black, contrast 7:1 and more",
    "mono": "no colours: bold, underlined and reversed text",
    "ansi": "the terminal's own sixteen colours",
}


def theme_name(asked: str) -> str:
    """The theme that is meant: `light` is `desk-light`, `nord` is Textual's."""
    return SHORT.get(asked, asked)
