"""httpx without its own command line, which would import click, rich and pygments: 60 of its 120 ms at start."""

from __future__ import annotations

import sys

_OWN_COMMAND_LINE = "httpx._main"

if "httpx" not in sys.modules:
    sys.modules[_OWN_COMMAND_LINE] = None  # type: ignore[assignment]
    import httpx

    del sys.modules[_OWN_COMMAND_LINE]
else:
    import httpx

__all__ = ["httpx"]
