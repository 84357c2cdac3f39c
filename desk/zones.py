"""Time zones by the names of the IANA data base: where this machine is, and what a name means."""

from __future__ import annotations

import os
from datetime import tzinfo
from pathlib import Path

LOCALTIME = Path("/etc/localtime")
_DATA_BASE = "zoneinfo/"


def zone_named(name: str) -> tzinfo | None:
    """The zone of that name, such as `Europe/Berlin`; None if there is none."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError, LookupError):
        return None


def local_zone() -> str:
    """The name of the zone this process lives in; empty if the machine does not tell it by name.

    As the C library finds it (tzset(3)): the environment variable TZ, or else where `/etc/localtime` leads.
    """
    given = os.environ.get("TZ")
    if given is None:
        return _in_data_base(os.path.realpath(LOCALTIME))
    name = given.removeprefix(":")
    return _in_data_base(os.path.realpath(name)) if name.startswith("/") else _known(name)


def _in_data_base(path: str) -> str:
    _, found, name = path.rpartition(_DATA_BASE)
    return _known(name) if found else ""


def _known(name: str) -> str:
    return name if zone_named(name) is not None else ""
