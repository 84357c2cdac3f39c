"""The open workspace with all that runs over it: what the routes ask."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from datetime import tzinfo
from functools import partial
from typing import Any

from desk import __version__
from desk.clock import SECOND, Clock, Millis, SystemClock
from desk.mail.pool import ParserPool
from desk.model import Agent, Change, Check, Conversation, Status
from desk.promises import Calendar
from desk.secrets import SecretError, Secrets
from desk.server import doctor
from desk.server.accounts import own_addresses, sender_for
from desk.server.answers import Answers
from desk.server.articles import Articles
from desk.server.automations import Automations, examine, means_of
from desk.server.availability import Availabilities
from desk.server.bulk import Bulk
from desk.server.callbacks import rules_of
from desk.server.calls import Calls
from desk.server.configuring import Configuring
from desk.server.core import Core
from desk.server.dialers import Dialers, Given
from desk.server.hub import Hub
from desk.server.imports import Imports
from desk.server.learning import Learning
from desk.server.live import LiveQueues
from desk.server.lookups import Lookups
from desk.server.people import People
from desk.server.presence import Presences
from desk.server.promising import plan_of
from desk.server.pushing import Pushing
from desk.server.sites import Hosting
from desk.server.taking import Taking
from desk.server.talks import Talks
from desk.server.tasks import end, finish, keep_running
from desk.server.threads import Threads
from desk.server.visitors import Visitors
from desk.service import automations, calls, learned, promises, rules, views
from desk.service.admitting import Means as MailMeans
from desk.service.callbacks import Rules
from desk.service.errors import NotFound
from desk.service.mailing import SenderAccount
from desk.service.steps import Means
from desk.service.views import Counter
from desk.settings import (
    AccountSettings,
    DialerSettings,
    Settings,
    SettingsError,
    environment_name,
    load,
    plan_account,
    write_account,
)
from desk.store.base import Store
from desk.store.sqlite import open_store
from desk.workspace import Workspace
from desk.zones import zone_named

log = logging.getLogger(__name__)

WARM_SECONDS = 1.0
"""How long after the start what filters need is read: by then the first screen is shown."""


class Desk(Core):
    """One workspace, open. `Desk.open` makes it inside the running event loop; `close` ends all that it began."""

    def __init__(self, home: Workspace, store: Store, threads: Threads, clock: Clock) -> None:
        super().__init__(store, threads, clock)
        store.views.keep_time(promises.elapsed_of(store))
        self.home = home
        self.configuring = Configuring(home.settings, self._apply, self._tell_settings)
        self.secrets = Secrets(str(home.folder))
        self.pool = ParserPool()
        self.people = People(self, lambda: self.settings)
        self.imports = Imports(self, self.pool)
        self.bulk = Bulk(self)
        self.presences = Presences(self.feed, clock)
        self.availabilities = Availabilities(self, self.people, self.presences)
        self.taking = Taking(self, self.people, self.presences, self.availabilities)
        self.pushing = Pushing(self, self.people, self.presences, self.availabilities)
        self.live = LiveQueues(self, self.people, self.availabilities, lambda: self.settings.alerts)
        self.articles = Articles(self, home.folder, lambda: self.settings.articles)
        there = self.availabilities
        self.visitors = Visitors(self, self.presences, lambda: there.available, lambda: self.settings, self.secrets)
        self.hosting = Hosting(self, self.presences, self.articles, self.visitors, self.sender)
        self.talks = Talks(self, self.hosting)
        self.hosting.rules = lambda: self.callback_rules
        self.hub = Hub(self, self.pool, self.secrets, self.hosting)
        self.dialers = Dialers(self._given, self.secrets)
        self.calls = Calls(self, self.dialers, lambda: self.callback_rules)
        self.lookups = Lookups(self, self.secrets)
        self.answers = Answers(self, home.answers, self.sender)
        self.learning = Learning(self, home.folder, lambda: self.settings.learning, lambda: self._route(self.settings))
        self.automations = Automations(self, lambda: list(self.settings.automations.values()), self.mailing)
        self.counter = Counter()
        self.started_at = clock.now()
        self._calendars: Mapping[str, Calendar] = {}
        self.unread: list[str] = []
        """What the settings name and cannot be read."""
        self.days_off: Mapping[str, Mapping[str, str]] = {}
        """What they are called, by calendar and day."""
        self.stop_asked = asyncio.Event()
        self._reloading: set[asyncio.Task[None]] = set()
        self._warming: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, home: Workspace, clock: Clock | None = None) -> Desk:
        """Open the workspace; nothing runs yet. Raises SettingsError, StoreError."""
        clock = clock or SystemClock()
        load(home.settings)
        threads = Threads()
        store = await threads.write(open_store, home.database, blobs=home.attachments, clock=clock)
        return cls(home, store, threads, clock)

    async def start(self) -> None:
        """Connect the accounts."""
        self.answers.shelf.begin()
        self.articles.begin()
        self.availabilities.begin()
        self.pushing.begin()
        self.live.begin()
        self.hosting.followers.begin()
        await self.learning.begin()
        await self._heed(self.settings)
        await self.hub.start(self.settings)
        self.automations.begin()
        await self.calls.start()
        self.configuring.begin()
        self._warming = asyncio.create_task(keep_running("making filters ready", self._warm))

    async def _warm(self) -> None:
        await asyncio.sleep(WARM_SECONDS)
        await finish(self.threads.read(self.store.views.warm))

    async def close(self) -> None:
        """Finish or record what is under way, then close the store."""
        self.presences.close()
        if self._warming is not None:
            await end(self._warming)
        await self.configuring.close()
        await asyncio.gather(
            self.hub.stop(),
            self.imports.stop(),
            self.answers.shelf.close(),
            self.articles.close(),
            self.availabilities.close(),
            self.pushing.close(),
            self.taking.close(),
            self.bulk.stop(),
            self.lookups.close(),
            self.learning.close(),
            self.automations.close(),
            self.live.close(),
            self.calls.close(),
        )
        await self.visitors.close()
        await self.hosting.followers.close()
        await asyncio.to_thread(self.pool.close)
        await self.threads.write(self.store.close)
        self.threads.close()

    # --- people -------------------------------------------------------------------------------------------

    async def _heed(self, settings: Settings) -> None:
        """What is promised, and what the reps are called, is as the settings say."""
        plan, self.unread, self.days_off = await asyncio.to_thread(plan_of, settings, self.clock)
        self._calendars = plan.calendars
        for each in self.unread:
            log.warning("%s", each)
        await self.write(promises.keep, plan)
        await self.write(calls.keep_lead, settings.callbacks.lead)
        await self.write(views.value_tags, settings.desk.value_tags)
        await self._route(settings)
        await self.people.heed(settings)

    async def _route(self, settings: Settings) -> None:
        """What comes in is sorted by the rules there are now, and by what was learned."""
        use, model = settings.learning, self.learning.model
        guess = (
            partial(learned.classify, self.store, self.clock, model, queues=use.queues, tags=use.tags)
            if model is not None and (use.queues or use.tags)
            else None
        )
        await self.write(rules.keep, list(settings.rules.values()), guess)
        await self.write(automations.keep, list(settings.automations.values()))

    def marked(self, agent: Agent, conversation: Conversation) -> Conversation:
        """The conversation as that rep sees it: unread or not, named in it or not."""
        return self.store.reads.marked([conversation], agent.id)[0]

    # --- settings and accounts ----------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """What `desk.toml` says, or said when it was right last."""
        return self.configuring.settings

    async def _apply(self, settings: Settings) -> None:
        await self._heed(settings)
        await self.hub.apply(settings)
        await self.calls.apply()

    def _given(self) -> Given:
        return Given(self.settings, self.configuring.text, self.home.settings)

    def _tell_settings(self) -> None:
        self.feed.tell(Change(kind="setting", id=0))

    @property
    def undo_window(self) -> Millis:
        """How long an answer can be taken back."""
        return round(self.settings.desk.undo_seconds * SECOND)

    @property
    def callback_rules(self) -> Rules:
        """What is promised to who wants to be called, and what follows from a call."""
        return rules_of(self.settings)

    @property
    def own(self) -> frozenset[str]:
        """Folded addresses that are ours."""
        return own_addresses(self.settings)

    def sender(self, account: str) -> SenderAccount:
        """Who answers in a conversation of that account come from. Raises Invalid if nobody can send."""
        return sender_for(self.settings.accounts, account)

    def means(self, zone: tzinfo | None = None) -> Means:
        """What steps, alone or in macros, need besides the store. `await answers.shelf.ready()` first."""
        return Means(
            hold_ms=self.undo_window,
            sender=self.sender,
            here=self.talks.here,
            zone=zone,
            write=partial(self.answers.write_reply, zone=zone),
        )

    async def mailing(self) -> MailMeans:
        """What automations that write to customers need at this moment."""
        await self.answers.shelf.ready()
        write = partial(self.answers.write_reply, zone=zone_named(self.settings.hours.zone))
        return means_of(self.settings, self._calendars, self.sender, write)

    async def reload(self) -> None:
        """Read `desk.toml` anew and run what it names. Raises SettingsError; then nothing has changed."""
        await self.configuring.reload()

    def reload_soon(self) -> None:
        """`reload` at SIGHUP; what the file says wrongly is logged."""

        async def reload() -> None:
            try:
                await self.reload()
            except SettingsError as error:
                log.error("the settings stay as they were: %s", error)
            else:
                log.info("the settings were read anew")

        task = asyncio.create_task(reload())
        self._reloading.add(task)
        task.add_done_callback(self._reloading.discard)

    async def connect_account(
        self, name: str, connector: str, settings: Mapping[str, Any], secret: str | None, *, dry_run: bool
    ) -> list[Check]:
        """Try an account and, unless something failed or it is a dry run, keep it and connect it.

        Raises SettingsError if `desk.toml` cannot say this.
        """
        _, planned = plan_account(self.home.settings, name, connector, settings)
        account = planned.accounts[name]
        source = (lambda: secret) if secret is not None else self.secrets.source(account)
        checks = await doctor.try_account(self, account, source)
        if dry_run or any(check.status == "failed" for check in checks):
            return checks
        if secret is not None:
            checks.append(await self._keep_secret(account, secret))
        write_account(self.home.settings, name, connector, settings)
        await self.reload()
        self.hub.retry(name)
        return checks

    async def disconnect_account(self, name: str) -> list[Check]:
        """Take an account out of `desk.toml`, and its secret out of the keyring; its conversations stay.

        Raises NotFound, SettingsError.
        """
        dialer = self._dialer(name)
        if dialer is None:
            self._account(name)
        await self.configuring.unset(("accounts", name) if dialer is None else ("dialers", dialer.name))
        what = f"account {name}: secret"
        try:
            dropped = await asyncio.to_thread(self.secrets.drop, name)
        except SecretError as error:
            return [Check(what=what, status="warning", message=f"may still be in the keyring: {error}")]
        return [Check(what=what, status="ok", message="is forgotten" if dropped else "was not in the keyring")]

    async def check_account(self, name: str) -> list[Check]:
        """Try a connected account, or a dialer, as it is set up; one that waits tries again. Raises NotFound."""
        dialer = self._dialer(name)
        if dialer is not None:
            return await doctor.check_dialer(self.dialers, self.secrets, dialer)
        account = self._account(name)
        checks = await doctor.check_account(self, self.secrets, account)
        self.hub.retry(name)
        return checks

    async def keep_secret(self, name: str, secret: str) -> Check:
        """Keep a secret in the keyring, or for this run where there is none, and connect with it. Raises NotFound."""
        dialer = self._dialer(name)
        check = await self._keep_secret(dialer.account if dialer is not None else self._account(name), secret)
        self.hub.retry(name)
        if dialer is not None:
            self._tell_settings()
        return check

    def _dialer(self, name: str) -> DialerSettings | None:
        """The dialer that is known by that name among accounts, such as `dialer-phone`."""
        return next((each for each in self.dialers.all() if each.account.name == name), None)

    def _account(self, name: str) -> AccountSettings:
        if name not in self.settings.accounts:
            raise NotFound("account", name)
        return self.settings.accounts[name]

    async def _keep_secret(self, account: AccountSettings, secret: str) -> Check:
        """In the keyring; where there is none, for this run of the server, and the rep is told so."""
        what = f"account {account.name}: secret"
        try:
            await asyncio.to_thread(self.secrets.keep, account.name, secret)
        except SecretError as error:
            self.secrets.give(account.name, secret)
            return Check(
                what=what,
                status="warning",
                message=f"kept only until the server ends: {error}",
                hint=f"set password_cmd in desk.toml, or the environment variable {environment_name(account.name)}",
            )
        return Check(what=what, status="ok", message="kept in the keyring")

    async def doctor(self) -> list[Check]:
        """Check everything that only the server can check."""
        checks = await doctor.examine(self, self.settings, self.secrets, self.home.folder)
        unread = [Check(what="days off", status="warning", message=each) for each in self.unread]
        manned = doctor.examine_queues(await self.threads.read(self.people.queues))
        index = await self.answers.shelf.ready()
        mails = examine(self.settings, lambda shortcut: index.by_shortcut(shortcut, "") is not None)
        return checks + unread + manned + mails + await doctor.examine_dialers(self.dialers, self.secrets)

    # --- the whole ----------------------------------------------------------------------------------------

    def status(self) -> Status:
        """See `desk.client.Client.status`."""
        store = self.store
        return Status(
            version=__version__,
            pid=os.getpid(),
            workspace=str(self.home.folder),
            started_at=self.started_at,
            conversations=store.conversations.counts().get("all", 0),
            messages=store.messages.count(),
            last_seq=store.changes.last(),
            accounts=self.hub.statuses(),
            outbox={state: count for state, count in store.outbox.counts().items() if count},
            quarantined=store.ledger.counts().get("quarantined", 0),
            drafts=sum(len(store.drafts.of_agent(agent.id)) for agent in store.agents.all()),
            settings_error="\n".join([*self.configuring.findings, *self.unread]),
        )
