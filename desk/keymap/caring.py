"""The actions about settings, accounts, comfort and whether one is there: a line each, as in `registry`."""

from __future__ import annotations

from desk.keymap.action import PLAIN, define

CARING = (
    define("settings", "Desk", ",", "all settings, or those with some words in them", PLAIN, argument="text"),
    define("find-setting", "Desk", "/", "find settings by a few letters", ("settings",), "find", typed=True),
    define("unset-setting", "Desk", "d", "take it, or a whole table, out of desk.toml", ("settings",), "default",
           argument="text"),
    define("new-setting", "Desk", "n", "set something by its name, such as views.late", ("settings",), "new",
           argument="text", typed=True),
    define("connections", "Desk", ("g c",), "the connected accounts and how they are doing", PLAIN),
    define("test-account", "Desk", "t", "try this account, and let it connect again", ("connections",), "try"),
    define("pause-account", "Desk", "p", "pause this account, or let it go on", ("connections",), "pause"),
    define("disconnect", "Desk", "d", "disconnect this account: its conversations stay", ("connections",), "disconnect",
           typed=True),
    define("signature", "Desk", "s", "write this account's signature", ("connections",), "signature", typed=True),
    define("provide-secret", "Desk", "P", "give an account its password", PLAIN, argument="account", typed=True),
    define("theme", "Desk", "", "the colours, kept for you; seen as you choose", PLAIN, argument="theme", typed=True),
    define("available", "Desk", ("g i",), "say that you are there, and take new work", PLAIN),
    define("busy", "Desk", ("g b",), "say that you go on with what you have, and take nothing new", PLAIN,
           argument="text"),
    define("away", "Desk", ("g d",), "say that you are not at the desk", PLAIN, argument="text"),
    define("quiet", "Desk", "", "no bell, no notices, no counts in the title; or all again", PLAIN, argument="switch"),
)  # fmt: skip
