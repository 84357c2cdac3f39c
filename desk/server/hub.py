"""Runs the accounts: opens what the settings name, restarts what they change, keeps each one's trouble to itself."""

from __future__ import annotations

import asyncio
import logging

from connectors.base import Factory
from connectors.sites import SiteFactory
from desk.mail.pool import ParserPool
from desk.model import AccountStatus
from desk.secrets import Secrets
from desk.server.accounts import factory, ingest_options, queue_id
from desk.server.core import Core
from desk.server.receiving import Receiver
from desk.server.sites import Hosting, SiteRunner
from desk.server.tasks import end, keep_running
from desk.server.tidying import tidy
from desk.service import callbacks, inbox, outbox, promises
from desk.service.errors import Invalid, NotFound
from desk.service.ingest import IngestOptions
from desk.settings import AccountSettings, Settings
from desk.store.base import StoreError

log = logging.getLogger(__name__)

SNOOZE_SECONDS = 2.0
"""How late a snoozed conversation may come back."""


class Hub:
    """All connected accounts, and the small clockwork beside them."""

    def __init__(self, core: Core, pool: ParserPool, secrets: Secrets, hosting: Hosting) -> None:
        self._core = core
        self._hosting = hosting
        self._pool = pool
        self._secrets = secrets
        self._settings = Settings()
        self._receivers: dict[str, Receiver | SiteRunner] = {}
        self._broken: dict[str, AccountStatus] = {}
        self._changing = asyncio.Lock()
        self._chores: list[asyncio.Task[None]] = []

    async def start(self, settings: Settings) -> None:
        """Put right what a crash left behind, then connect."""
        self._settings = settings
        await self._core.write(outbox.recover)
        self._chores = [
            asyncio.create_task(keep_running("waking the snoozed", self._wake_snoozed)),
            asyncio.create_task(keep_running("tidying", lambda: tidy(self._core, lambda: self._settings))),
        ]
        await self.apply(settings)

    async def stop(self) -> None:
        """End all accounts, each in its own order."""
        for chore in self._chores:
            await end(chore)
        async with self._changing:
            await asyncio.gather(*(receiver.stop() for receiver in self._receivers.values()))
            self._receivers.clear()

    async def apply(self, settings: Settings) -> None:
        """Run exactly the accounts that the settings name; those that did not change go on undisturbed."""
        async with self._changing:
            self._settings = settings
            wanted = {each.name: each for each in settings.accounts.values() if each.enabled}
            ending = [name for name, each in self._receivers.items() if wanted.get(name) != each.settings]
            await asyncio.gather(*(self._receivers.pop(name).stop() for name in ending))
            self._broken.clear()
            for number, account in enumerate(wanted.values(), 1):
                await self._begin(account, number)

    async def _begin(self, account: AccountSettings, number: int) -> None:
        core = self._core
        running = self._receivers.get(account.name)
        try:
            made = await core.threads.read(factory, account.connector)
            begins = account.queue or self._settings.queue_for("chat" if isinstance(made, SiteFactory) else "email")
            queue = await core.threads.write(queue_id, core.store, begins)
        except (Invalid, StoreError) as error:
            log.error("%s: %s", account.name, error)
            self._broken[account.name] = AccountStatus(
                name=account.name,
                connector=account.connector,
                address=account.address,
                state="stopped",
                error=str(error),
                since=core.clock.now(),
            )
            return
        options = ingest_options(self._settings, account, queue)
        if running is not None:
            running.options = options
            return
        runner = self._runner(account, made, options, number)
        self._receivers[account.name] = runner
        runner.start()

    def _runner(
        self, account: AccountSettings, made: Factory | SiteFactory, options: IngestOptions, number: int
    ) -> Receiver | SiteRunner:
        if isinstance(made, SiteFactory):
            return SiteRunner(self._hosting, account, made, options, number)
        return Receiver(self._core, self._pool, self._secrets, account, made, options, number)

    def statuses(self) -> tuple[AccountStatus, ...]:
        """How each account is doing, in the order of the settings."""
        known = {name: receiver.status for name, receiver in self._receivers.items()} | self._broken
        paused = {each.name: _paused(each) for each in self._settings.accounts.values() if not each.enabled}
        return tuple((known | paused)[name] for name in self._settings.accounts if name in known or name in paused)

    def provide_secret(self, name: str, secret: str) -> None:
        """Use a secret for this run, and connect with it now. Raises NotFound."""
        if name not in self._settings.accounts:
            raise NotFound("account", name)
        self._secrets.give(name, secret)
        self.retry(name)

    def retry(self, name: str) -> None:
        """Let an account that waits try again now."""
        if name in self._receivers:
            self._receivers[name].retry()

    async def _wake_snoozed(self) -> None:
        core = self._core
        while True:
            if core.store.conversations.snoozed_before(core.clock.now(), 1):
                await core.write(inbox.wake_due)
            if callbacks.hidden(core.store, core.clock.now()):
                await core.write(callbacks.show_due)
            if core.store.promises.overdue(core.clock.now(), 1):
                await core.write(promises.mark_broken)
            await asyncio.sleep(SNOOZE_SECONDS)


def _paused(account: AccountSettings) -> AccountStatus:
    return AccountStatus(
        name=account.name, connector=account.connector, address=account.address, state="paused", since=0
    )
