"""Handing something over to another program of the rep's machine: a link, or a copy of a file."""

from __future__ import annotations

import asyncio
import atexit
import re
import shutil
import sys
import tempfile
from pathlib import Path

from desk.saving import safe_name, write_new

PATIENCE_SECONDS = 3.0
"""How long the program that opens things may take to say that it cannot."""
PROGRAMS = ("open",) if sys.platform == "darwin" else ("xdg-open", "wslview", "gio")
RUN = frozenset(
    re.findall(
        r"\w+",
        "apk app appimage bash bat cmd com command cpl csh deb desktop dll dmg exe fish hta jar js jse ksh lnk msc msi "
        "msp mst pif pkg pl ps1 py pyw rb reg rpm run scf scr sh so sys url vb vbe vbs ws wsf wsh xbap zsh",
    )
)
"""Endings of what runs as a program, or makes another one run."""
SCRIPTED = frozenset(
    re.findall(r"\w+", "docm dotm xlsm xltm xlam pptm potm ppam sldm htm html mht mhtml shtml svg svgz xhtml xml")
)
"""Endings of documents that can hold programs."""
_PROGRAM_STARTS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")


class NothingOpens(Exception):
    """No program of this machine opens it; the message is for the rep."""


async def open_outside(what: str) -> None:
    """Open a URL or an absolute path the way the desktop does. No shell sees it. Raises NothingOpens."""
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if program is None:
        raise NothingOpens(f"nothing here opens it: install {PROGRAMS[0]}")
    words = [program, "open", what] if Path(program).name == "gio" else [program, what]
    nowhere = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            code = await process.wait()
    except TimeoutError:
        return
    except OSError as error:
        raise NothingOpens(f"{program} did not start: {error.strerror or error}") from error
    if code:
        raise NothingOpens(f"{Path(program).name} could not open it (it ended with {code})")


def warnings(name: str, data: bytes) -> list[str]:
    """What may happen when a file is opened, by its name and its first bytes."""
    endings = [part.lower() for part in name.split(".")[1:]]
    ending = endings[-1] if endings else ""
    told = []
    if ending in RUN or data.startswith(_PROGRAM_STARTS):
        told.append("THIS IS A PROGRAM: opening it can do anything that you can do")
    elif ending in SCRIPTED:
        told.append("a file of this kind can hold programs that run when it is opened")
    if len(endings) > 1 and ending in RUN:
        told.append("its name pretends to be something else")
    return told


def private_copy(name: str, data: bytes) -> Path:
    """A copy that only the rep can read, and nobody can run; it goes when Desk ends. Raises OSError."""
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / safe_name(name)
    write_new(path, data, mode=0o400)
    return path
