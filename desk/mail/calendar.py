"""Calendar parts: what an invitation says in three fields (RFC 5545, RFC 6047)."""

from __future__ import annotations

import re

from desk.mail.parsed import Calendar
from desk.text import line

_READ_AT_MOST = 100_000
_VALUE_AT_MOST = 500
_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPE = re.compile(r"\\([\\;,nN])")


def read(text: str) -> Calendar | None:
    """The method, and the summary and start of the first event; None if there is no event."""
    component = ""
    found: dict[str, str] = {}
    for given in _FOLD.sub("", text[:_READ_AT_MOST]).splitlines():
        name, colon, value = given.partition(":")
        if not colon:
            continue
        name, _, parameters = name.upper().partition(";")
        if name == "BEGIN":
            component = value.strip().upper()
        elif name == "METHOD":
            found.setdefault("METHOD", value.strip().upper())
        elif component in ("VEVENT", "VTODO") and name in ("SUMMARY", "DTSTART"):
            found.setdefault(name, value)
            if name == "DTSTART" and "TZID=" in parameters:
                found.setdefault("TZID", given[: given.find(":")].partition("TZID=")[2].partition(";")[0])
    if "SUMMARY" not in found and "DTSTART" not in found:
        return None
    return Calendar(
        method=line(found.get("METHOD", ""))[:40],
        summary=line(_unescaped(found.get("SUMMARY", "")))[:_VALUE_AT_MOST],
        start=_instant(found.get("DTSTART", ""), found.get("TZID", "")),
    )


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda match: " " if match[1] in "nN" else match[1], value)


_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")


def _instant(value: str, zone: str) -> str:
    """A date or time of RFC 5545 section 3.3.5 as people write it, with its zone's name."""
    match = _STAMP.match(value.strip())
    if match is None:
        return line(value)[:60]
    year, month, day, hour, minute, _, utc = match.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    suffix = " UTC" if utc else f" {line(zone.strip(chr(34)))[:60]}".rstrip()
    return f"{year}-{month}-{day} {hour}:{minute}{suffix}"
