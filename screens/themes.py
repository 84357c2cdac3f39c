"""The colours: a dark and a light theme, and one that only uses the terminal's own sixteen."""

from __future__ import annotations

from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="desk-dark",
    primary="#7aa2d6",
    secondary="#8fb8a8",
    accent="#7fb4ca",
    warning="#d9a862",
    error="#e06c75",
    success="#8fbf7f",
    foreground="#c8ccd4",
    background="#16191e",
    surface="#1b1f26",
    panel="#20252d",
    dark=True,
    variables={
        "desk-dim": "#7b8494",
        "desk-rule": "#2e3540",
        "desk-cursor": "#2b3a50",
        "desk-cursor-away": "#222933",
        "desk-note": "#d8c077",
        "desk-alarm-ground": "#8f2f38",
        "desk-alarm-text": "#ffffff",
        "desk-strong": "#e9ecf2",
    },
)
LIGHT = Theme(
    name="desk-light",
    primary="#2f5f9e",
    secondary="#35735c",
    accent="#1f6f8b",
    warning="#96600a",
    error="#b3262f",
    success="#3c7a2a",
    foreground="#2b303a",
    background="#fafaf7",
    surface="#f2f2ee",
    panel="#e9e9e3",
    dark=False,
    variables={
        "desk-dim": "#767d89",
        "desk-rule": "#d5d6d0",
        "desk-cursor": "#cfe0f2",
        "desk-cursor-away": "#e6eaee",
        "desk-note": "#7a5d00",
        "desk-alarm-ground": "#b3262f",
        "desk-alarm-text": "#ffffff",
        "desk-strong": "#0d1117",
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
