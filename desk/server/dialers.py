"""The dialers of the settings: made, judged with file and line, tried, and let go of when nobody calls by them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from connectors.dialing.base import Dialer, Factory
from desk.model import Check
from desk.model.dialing import DialerState, DialerStatus
from desk.plugins import DIALERS, PluginError, installed
from desk.secrets import SecretError, Secrets
from desk.server.accounts import connector_account
from desk.service.errors import Invalid
from desk.settings import DESKTOP, DialerSettings, Settings, line_of
from desk.text import line

log = logging.getLogger(__name__)

CHECK_SECONDS = 45.0


def factory(kind: str) -> Factory:
    """The dialer of that kind, ours or a third party's. Raises Invalid if there is none, or it does not load."""
    try:
        found: Factory = installed(DIALERS, "dialer", kind)
    except PluginError as error:
        raise Invalid(error.code, str(error)) from error
    return found


class Given(Struct, frozen=True):
    """What `desk.toml` says, as settings and as text."""

    settings: Settings
    text: str
    path: Path


class Dialers:
    """Belongs to the running event loop. A dialer is made when somebody first calls by it."""

    def __init__(self, given: Callable[[], Given], secrets: Secrets) -> None:
        self._given = given
        self._secrets = secrets
        self._open: list[tuple[DialerSettings, Dialer]] = []

    # --- which --------------------------------------------------------------------------------------------

    def all(self) -> list[DialerSettings]:
        """Those there are, in the order of the file."""
        settings = self._given().settings
        return list(settings.dialers.values()) or [DialerSettings(name=DESKTOP)]

    def named(self, name: str) -> DialerSettings | None:
        """The one of that name."""
        return next((each for each in self.all() if each.name == name), None)

    async def of(self, login: str, name: str = "") -> tuple[DialerSettings, Factory]:
        """By what a rep calls, or the dialer of that name. Raises Invalid if there is nothing, or its settings are
        wrong."""
        chosen = self.named(name) if name else self._given().settings.dialer_of(login)
        if chosen is None or not chosen.enabled:
            said = "there is nothing to call with: the dialer that desk.toml names for you is not there, or is off"
            named = f"there is no dialer {line(name)[:80]}, or it is off; {self._known()}"
            raise Invalid("no-dialer", named if name else said)
        made = await asyncio.to_thread(factory, chosen.dialer)
        if problems := self._judged(chosen, made):
            raise Invalid("bad-dialer", "; ".join(problems))
        return chosen, made

    def open(self, settings: DialerSettings, made: Factory) -> Dialer:
        """The dialer with these settings: always the same one, which knows what it has dialled."""
        known = next((dialer for each, dialer in self._open if each == settings), None)
        if known is None:
            known = made.open(connector_account(settings.account), self._secrets.source(settings.account))
            self._open.append((settings, known))
        return known

    async def keep(self, used: Sequence[DialerSettings]) -> None:
        """Let go of what stands no longer in the file, unless somebody calls by it at this moment."""
        wanted = [*self.all(), *used]
        gone = [dialer for settings, dialer in self._open if settings not in wanted]
        self._open = [each for each in self._open if each[0] in wanted]
        await asyncio.gather(*(dialer.close() for dialer in gone))

    async def close(self) -> None:
        dialers, self._open = [dialer for _, dialer in self._open], []
        await asyncio.gather(*(dialer.close() for dialer in dialers))

    # --- how they are -------------------------------------------------------------------------------------

    async def statuses(self, login: str) -> list[DialerStatus]:
        """Each, with what is wrong with it."""
        mine = self._given().settings.dialer_of(login)
        return list(await asyncio.gather(*(self._status(each, mine=each == mine) for each in self.all())))

    async def _status(self, settings: DialerSettings, *, mine: bool) -> DialerStatus:
        problems = await asyncio.to_thread(self.problems, settings)
        missing = "" if problems or not settings.enabled else await asyncio.to_thread(self._missing, settings)
        state: DialerState = "wrong" if problems else "needs-secret" if missing else "ready"
        return DialerStatus(
            name=settings.name,
            dialer=settings.dialer,
            state=state if settings.enabled else "paused",
            error="; ".join(problems) or missing,
            mine=mine,
            account=settings.account.name,
        )

    def _missing(self, settings: DialerSettings) -> str:
        """Which secret it lacks, and how to give it; empty if none, or if a command has it, which may ask somebody."""
        account = settings.account
        if not factory(settings.dialer).needs_secret or account.password_cmd is not None:
            return ""
        try:
            return "" if self._secrets.find(account) is not None else self._secrets.where(account)
        except SecretError as error:
            return str(error)

    def problems(self, settings: DialerSettings) -> list[str]:
        """What is wrong with its settings, with file and line. Loads it, which takes a moment the first time."""
        try:
            return self._judged(settings, factory(settings.dialer))
        except Invalid as error:
            return [error.message]

    def _judged(self, settings: DialerSettings, made: Factory) -> list[str]:
        return list(self._placed(settings.name, made.validate(connector_account(settings.account))))

    def _placed(self, name: str, problems: Sequence[str]) -> Iterator[str]:
        given = self._given()
        for problem in problems:
            option = problem.partition(":")[0].split(".")[0]
            number = line_of(given.text.splitlines(), ("dialers", name, option))
            yield f"{given.path}:{number}: {problem}" if number else problem

    async def check(self, settings: DialerSettings) -> list[Check]:
        """Try everything short of a call, from where we are. Never raises."""
        problems = await asyncio.to_thread(self.problems, settings)
        if problems:
            hint = "correct it in desk.toml"
            return [Check(what="settings", status="failed", message=each, hint=hint) for each in problems]
        dialer = self.open(settings, factory(settings.dialer))
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return list(await dialer.check())
        except TimeoutError:
            return [Check(what="dialer", status="failed", message=f"no answer within {CHECK_SECONDS:.0f} s")]
        except Exception as error:
            log.exception("%s: the check failed", settings.name)
            said = f"the check itself failed ({type(error).__name__}: {error})"
            return [Check(what="dialer", status="failed", message=said)]

    def here(self) -> list[DialerSettings]:
        """Those of the file that dial from here, and not from the reps' own machines."""
        return [each for each in self._given().settings.dialers.values() if not self._at_the_rep(each)]

    def _at_the_rep(self, settings: DialerSettings) -> bool:
        try:
            return factory(settings.dialer).at_the_rep and not self.problems(settings)
        except Invalid:
            return False

    def _known(self) -> str:
        return f"there is: {', '.join(self._given().settings.dialers) or 'none'}"

    def missing(self) -> list[Check]:
        """A finding for each dialer that is chosen somewhere, but not there."""
        settings = self._given().settings
        chosen = {settings.desk.dialer, *(str(own.get("dialer", "")) for own in settings.reps.values())} - {""}
        return [
            Check(
                what=f"dialer {name}",
                status="failed",
                message=f"it is chosen in desk.toml, but there is no [dialers.{name}]",
                hint=f"write it, or choose another; {self._known()}",
            )
            for name in sorted(chosen - set(settings.dialers))
        ]
