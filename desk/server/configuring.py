"""The `desk.toml` of a running server: read again when somebody edits it, changed one setting at a time.

What is wrong with the file leaves everything as it was, and is told until it is mended.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from desk.keymap import KeymapError, parse_keymap
from desk.server.accounts import connector_account, factory
from desk.server.tasks import end, keep_running
from desk.service.errors import Invalid
from desk.settings import Settings, SettingsError, line_of, parse, plan_value, plan_without
from desk.settings.reading import read_text
from desk.settings.writing import replace

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often to see whether somebody edited the file; a `stat` each time."""
Stamp = tuple[int, int, int]


class Configuring:
    """Belongs to the running event loop."""

    def __init__(
        self, path: Path, apply: Callable[[Settings], Awaitable[None]], tell: Callable[[], None] = lambda: None
    ) -> None:
        """`apply` runs what the settings name, `tell` says that they, or what is wrong with them, are others now.

        Raises SettingsError if the file is wrong already.
        """
        self.path = path
        self._apply = apply
        self._tell = tell
        self._stamp = self._look()
        self.text = read_text(path) or ""
        """What the file said when it was right last."""
        self.settings = parse(self.text, path)
        self.findings: tuple[str, ...] = ()
        """What is wrong with the file as it is now."""
        self._changing = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Notice from now on what people do to the file."""
        self._watch = asyncio.create_task(keep_running("watching desk.toml", self._watching))

    async def close(self) -> None:
        if self._watch is not None:
            await end(self._watch)

    async def reload(self) -> None:
        """Go by what the file says now. Raises SettingsError; then nothing has changed."""
        async with self._changing:
            await self._read()

    async def set(self, at: Sequence[str], value: Any) -> None:
        """Change one setting in the file, comments kept, and go by it. Raises SettingsError and changes nothing."""
        async with self._changing:
            text, planned = await asyncio.to_thread(plan_value, self.path, at, value)
            await self._check(text, planned, at)
            await self._write(text)

    async def unset(self, at: Sequence[str]) -> None:
        """Take a setting, or a whole table, out of the file. Raises SettingsError; then nothing has changed."""
        async with self._changing:
            text, planned = await asyncio.to_thread(plan_without, self.path, at)
            await self._check(text, planned, at)
            await self._write(text)

    # --- inside -------------------------------------------------------------------------------------------

    async def _check(self, text: str, planned: Settings, at: Sequence[str]) -> None:
        """What reading does not judge: keys, and an account's options. Raises SettingsError."""
        if at[0] == "keys":
            try:
                parse_keymap(text, self.path)
            except KeymapError as error:
                raise SettingsError([str(finding) for finding in error.findings]) from None
        account = planned.accounts.get(at[1]) if at[0] == "accounts" and len(at) > 2 else None
        if account is None:
            return
        try:
            made = await asyncio.to_thread(factory, account.connector)
            problems = made.validate(connector_account(account))
        except Invalid as error:
            problems = [f"connector: {error}"]
        wrong = [each for each in problems if each.partition(":")[0].split(".")[0] == at[2]]
        if wrong:
            number = line_of(text.splitlines(), tuple(at))
            place = f"{self.path}:{number}" if number else str(self.path)
            raise SettingsError([f"{place}: {each}" for each in wrong])

    async def _write(self, text: str) -> None:
        await asyncio.to_thread(replace, self.path, text)
        await self._read()

    async def _read(self) -> None:
        self._stamp = self._look()
        try:
            text = read_text(self.path) or ""
            settings = parse(text, self.path)
        except SettingsError as error:
            self.findings = error.findings
            self._tell()
            raise
        same = settings == self.settings and not self.findings
        self.text, self.settings, self.findings = text, settings, ()
        await self._apply(settings)
        if not same:
            self._tell()

    async def _watching(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._look() != self._stamp:
                try:
                    await self.reload()
                except SettingsError as error:
                    log.error("the settings stay as they were: %s", error)
                else:
                    log.info("desk.toml was edited; the settings were read anew")

    def _look(self) -> Stamp | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
