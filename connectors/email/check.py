"""Trying an account step by step, with findings in plain words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from msgspec import Struct

from connectors.base import SecretSource
from connectors.email import sent, smtp
from connectors.email.connection import Client, Line, connect, log_in, place_of
from connectors.email.settings import EmailSettings, Server
from connectors.email.trouble import Trouble, explain, quoted
from desk.model import Check

_IMAP_SECONDS = 40.0
_SMTP_SECONDS = 40.0


async def check(settings: EmailSettings, secret: SecretSource) -> list[Check]:
    """Both servers at the same time; IMAP's findings come first. Never raises."""
    imap, submission = await asyncio.gather(_imap(settings, secret), _smtp(settings, secret))
    return imap + submission


class _Findings(Struct):
    """Findings so far, so that what was learnt before a failure is told too."""

    found: list[Check]

    def ok(self, what: str, message: str) -> None:
        self.found.append(Check(what=what, status="ok", message=message))

    def warn(self, what: str, message: str, hint: str = "") -> None:
        self.found.append(Check(what=what, status="warning", message=message, hint=hint))

    def fail(self, what: str, trouble: Trouble) -> None:
        self.found.append(Check(what=what, status="failed", message=str(trouble), hint=trouble.hint))


# --- IMAP -------------------------------------------------------------------------------------------------


async def _imap(settings: EmailSettings, secret: SecretSource) -> list[Check]:
    findings, line = _Findings([]), Line()
    work = asyncio.ensure_future(asyncio.to_thread(_try_imap, settings, secret, findings, line))
    try:
        async with asyncio.timeout(_IMAP_SECONDS):
            await asyncio.shield(work)
    except TimeoutError:
        findings.fail("imap", Trouble("timeout", f"{place_of(settings.imap)} takes too long; the rest was not tried"))
    finally:
        line.cut()
    return list(findings.found)


def _try_imap(settings: EmailSettings, secret: SecretSource, findings: _Findings, line: Line) -> None:
    imap = settings.imap
    client: Client | None = None
    step = "imap connection"
    try:
        client = connect(imap, line)
        findings.ok(step, f"{place_of(imap)} answers, {_protection(imap)}")
        step = "imap login"
        log_in(client, imap, secret)
        findings.ok(step, f"logged in as {imap.user}")
        step = "imap folders"
        _folders(client, settings, findings)
    except Exception as error:  # the caller is promised findings, never an exception
        findings.fail(step, explain(error, place_of(imap)))
    finally:
        line.release()
        if client is not None:
            _quietly_close(client)


def _quietly_close(client: Client) -> None:
    try:
        client.logout()
    except Exception:  # it was only a trial
        return


def _protection(server: Server) -> str:
    if server.security == "none":
        return "not encrypted, which is fine on this machine"
    return "encrypted, certificate valid"


def _folders(client: Client, settings: EmailSettings, findings: _Findings) -> None:
    names = [name for flags, _, name in client.list_folders() if rb"\Noselect" not in flags]
    there = quoted(", ".join(sorted(names)))
    for folder in settings.imap.folders:
        if folder in names or folder.upper() == "INBOX":
            count = client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"]
            findings.ok(f"folder {folder}", f"{count} messages")
        else:
            findings.fail(
                f"folder {folder}", Trouble("folder", f"there is no folder {folder}", f"the folders are: {there}")
            )
    if settings.move_to and settings.move_to not in names:
        words = f"there is no folder {settings.move_to} yet; it will be made"
        findings.warn("after_store", words, f"the folders are: {there}")
    if not client.has_capability("IDLE"):
        findings.warn("imap push", f"the server has no IDLE; Desk looks every {settings.poll_seconds:g} s")
    _sent(client, settings, findings, there)


def _sent(client: Client, settings: EmailSettings, findings: _Findings, there: str) -> None:
    if not settings.sent_folder or settings.sent_copy == "server":
        return
    folder = sent.find_folder(client, settings)
    if folder is not None:
        findings.ok("sent folder", f"copies of answers go to {folder}")
        return
    which = "marked by the server" if settings.sent_folder == "auto" else f"called {settings.sent_folder}"
    findings.warn(
        "sent folder",
        f"there is no folder for sent mail {which}, so copies of answers cannot be filed",
        f'set sent_folder to one of: {there}; or to "" to keep no copies there',
    )


# --- SMTP -------------------------------------------------------------------------------------------------


async def _smtp(settings: EmailSettings, secret: SecretSource) -> list[Check]:
    findings = _Findings([])
    place = smtp.place_of(settings.smtp)
    try:
        async with asyncio.timeout(_SMTP_SECONDS):
            async with smtp.session(settings.smtp, secret) as client:
                findings.ok("smtp connection", f"{place} answers, {_protection(settings.smtp)}")
                if client.supports_extension("auth"):
                    findings.ok("smtp login", f"logged in as {settings.smtp.user}")
                else:
                    findings.warn("smtp login", f"{place} takes mail without a login")
    except Exception as error:  # the caller is promised findings, never an exception
        findings.found.extend(_smtp_failure(explain(error, place), settings))
    return list(findings.found)


def _smtp_failure(trouble: Trouble, settings: EmailSettings) -> Iterator[Check]:
    step = "smtp connection"
    if trouble.kind in ("login", "token", "no-secret"):
        message = f"{smtp.place_of(settings.smtp)} answers, {_protection(settings.smtp)}"
        yield Check(what=step, status="ok", message=message)
        step = "smtp login"
    yield Check(what=step, status="failed", message=str(trouble), hint=trouble.hint)
