"""What `desk doctor` learns from the server."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from connectors.base import SecretSource
from connectors.sites import SiteFactory
from desk.model import Check, QueueNow
from desk.secrets import SecretError, Secrets
from desk.server.accounts import connector_account, factory
from desk.server.core import Core
from desk.server.dialers import Dialers
from desk.server.dialers import factory as dialer_factory
from desk.service import vouching
from desk.service.errors import Invalid
from desk.service.vouching import BadToken
from desk.settings import AccountSettings, DialerSettings, Settings, environment_name
from desk.store.base import Store

log = logging.getLogger(__name__)

LITTLE_ROOM = 1_000_000_000
NO_ROOM = 100_000_000
CHECK_SECONDS = 45.0


async def examine(core: Core, settings: Settings, secrets: Secrets, folder: Path) -> list[Check]:
    """Check the store, the disk, the keyring, what waits, and every account with its secret, all at the same time."""
    accounts = [check_account(core, secrets, each) for each in settings.accounts.values()]
    store = core.threads.read(_store, core.store)
    rest = core.threads.read(_waiting, core.store)
    ring = asyncio.ensure_future(asyncio.to_thread(keyring_check, secrets))
    found = await asyncio.gather(store, rest, *accounts)
    return [*found[0], _room(folder), await ring, *found[1], *(check for checks in found[2:] for check in checks)]


async def try_account(core: Core, account: AccountSettings, secret: SecretSource) -> list[Check]:
    """Try an account that need not be connected: its settings, then everything its connector can try."""
    what = f"account {account.name}"
    try:
        made = await core.threads.read(factory, account.connector)
    except Invalid as error:
        return [Check(what=what, status="failed", message=error.message, hint="install it, or correct the name")]
    problems = made.validate(connector_account(account))
    if problems:
        return [Check(what=what, status="failed", message=each, hint="correct it in desk.toml") for each in problems]
    if isinstance(made, SiteFactory):
        return [Check(what=what, status="ok", message="its settings are right")]
    connector = made.open(connector_account(account), secret)
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return list(await connector.check())
    except TimeoutError:
        return [Check(what=what, status="failed", message=f"no answer within {CHECK_SECONDS:.0f} s")]
    except Exception as error:
        log.exception("%s: the check failed", account.name)
        return [Check(what=what, status="failed", message=f"the check itself failed ({type(error).__name__}: {error})")]
    finally:
        await connector.close()


async def check_account(core: Core, secrets: Secrets, account: AccountSettings) -> list[Check]:
    """Where an account's secret comes from, and everything its connector can try."""
    what = f"account {account.name}"
    if not account.enabled:
        return [Check(what=what, status="warning", message="is switched off", hint="enabled = true connects it")]
    tried = [_named(what, check) for check in await _secret(core, secrets, account)]
    return tried + [_named(what, check) for check in await try_account(core, account, secrets.source(account))]


async def check_dialer(dialers: Dialers, secrets: Secrets, settings: DialerSettings) -> list[Check]:
    """Where a dialer's secret comes from, and everything short of a call."""
    what = f"dialer {settings.name}"
    if not settings.enabled:
        return [Check(what=what, status="warning", message="is switched off", hint="enabled = true switches it on")]
    tried = [_named(what, check) for check in await _dialer_secret(secrets, settings)]
    return tried + [_named(what, check) for check in await dialers.check(settings)]


def examine_queues(queues: Sequence[QueueNow]) -> list[Check]:
    """Those that hand out by themselves, and to whom."""
    return [
        Check(
            what=f"queue {each.queue.name}", status="ok", message=f"hands out to {len(each.reps)} ({each.rules.push})"
        )
        if each.reps
        else Check(
            what=f"queue {each.queue.name}",
            status="warning",
            message=f"is to hand out by itself ({each.rules.push}), and nobody works there",
            hint=f"name people in [queues.{each.queue.name}] reps, or desk queues add",
        )
        for each in queues
        if each.rules.push != "off"
    ]


async def examine_dialers(dialers: Dialers, secrets: Secrets) -> list[Check]:
    """Those of the file that dial from here, all at the same time, and those that are chosen but not there."""
    here = await asyncio.to_thread(dialers.here)
    found = await asyncio.gather(*(check_dialer(dialers, secrets, each) for each in here))
    return [*dialers.missing(), *(check for checks in found for check in checks)]


async def _dialer_secret(secrets: Secrets, settings: DialerSettings) -> list[Check]:
    try:
        made = await asyncio.to_thread(dialer_factory, settings.dialer)
    except Invalid:
        return []
    return [await asyncio.to_thread(secret_check, secrets, settings.account)] if made.needs_secret else []


async def _secret(core: Core, secrets: Secrets, account: AccountSettings) -> list[Check]:
    """Which source has the secret; nothing for a connector that needs none."""
    try:
        made = await core.threads.read(factory, account.connector)
    except Invalid:
        return []
    if isinstance(made, SiteFactory):
        return await asyncio.to_thread(identity_checks, secrets, account)
    if not made.needs_secret:
        return []
    return [await asyncio.to_thread(secret_check, secrets, account)]


def identity_checks(secrets: Secrets, account: AccountSettings) -> list[Check]:
    """Whether the secret will do by which a site's shop vouches for its customers; nothing if there is none."""
    try:
        found = secrets.find(account)
        if found is None:
            return []
        vouching.keys(found.secret)
    except (SecretError, BadToken) as error:
        return [Check(what="signed-in customers", status="warning", message=str(error))]
    return [Check(what="signed-in customers", status="ok", message=f"the secret is {secrets.words(account, found)}")]


def secret_check(secrets: Secrets, account: AccountSettings) -> Check:
    """Which source has the secret; a warning if none has, or if it goes with the server. May take seconds."""
    try:
        found = secrets.find(account)
    except SecretError as error:
        return Check(what="secret", status="warning", message=str(error))
    where = secrets.where(account) if found is None else secrets.words(account, found)
    if found is not None and found.origin == "this session":
        hint = f"set password_cmd in desk.toml, or the environment variable {environment_name(account.name)}"
        return Check(what="secret", status="warning", message=where, hint=hint)
    return Check(what="secret", status="warning" if found is None else "ok", message=where)


def keyring_check(secrets: Secrets) -> Check:
    """Whether this machine can keep passwords. May take seconds."""
    try:
        return Check(what="keyring", status="ok", message=f"{secrets.keyring()} answers")
    except SecretError as error:
        message = f"{error}, so a password typed into Desk is gone when the server ends"
        hint = "use password_cmd in desk.toml, or an environment variable such as DESK_PASSWORD_SUPPORT"
        return Check(what="keyring", status="warning", message=message, hint=hint)


def _named(what: str, check: Check) -> Check:
    if check.what.startswith(what):
        return check
    return Check(what=f"{what}: {check.what}", status=check.status, message=check.message, hint=check.hint)


def _store(store: Store) -> Sequence[Check]:
    findings = store.check()
    if not findings:
        return [Check(what="store", status="ok", message=f"{store.messages.count():,} messages, all whole")]
    hint = "stop Desk, copy the workspace, and restore the last good copy if there is one"
    return [Check(what="store", status="failed", message=each, hint=hint) for each in findings]


def _waiting(store: Store) -> Sequence[Check]:
    checks = []
    outbox = store.outbox.counts()
    for state, meaning in (("failed", "could not be sent"), ("unknown", "may or may not have been sent")):
        if count := outbox.get(state, 0):  # type: ignore[call-overload]
            message = f"{count:,} {meaning}"
            checks.append(Check(what="outbox", status="warning", message=message, hint="see `desk outbox`"))
    if quarantined := store.ledger.counts().get("quarantined", 0):
        message = f"{quarantined:,} could not be read and are kept"
        hint = "see `desk ledger --outcome quarantined`"
        checks.append(Check(what="quarantine", status="warning", message=message, hint=hint))
    return checks


def _room(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    message = f"{free / 1e9:,.1f} GB free for {folder}"
    if free >= LITTLE_ROOM:
        return Check(what="disk", status="ok", message=message)
    status = "failed" if free < NO_ROOM else "warning"
    return Check(what="disk", status=status, message=message, hint="make room, or move the workspace")  # type: ignore[arg-type]
