"""Handing mail over to an SMTP submission server (RFC 6409), knowing at each step what a failure means."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import AsyncIterator

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol

from connectors.base import Permanent, Receipt, SecretSource, SendError, Temporary, Uncertain, Wire
from connectors.email.connection import tls_context
from connectors.email.settings import Smtp
from connectors.email.trouble import Place, Trouble, explain, no_tokens, quoted, token_refused, xoauth2

CONNECT_SECONDS = 15.0
COMMAND_SECONDS = 60.0
ACCEPT_SECONDS = 600.0
"""RFC 5321 section 4.5.3.2.6: a client that waits less for the final answer makes doubles."""
STALL_SECONDS = 120.0
_CHUNK = 64 * 1024
_DOT = re.compile(rb"(?m)^\.")
_BARE_LINE_END = re.compile(rb"\r\n|\r|\n")


def place_of(smtp: Smtp) -> Place:
    return Place(protocol="SMTP", host=smtp.host, port=smtp.port)


@contextlib.asynccontextmanager
async def session(smtp: Smtp, secret: SecretSource) -> AsyncIterator[aiosmtplib.SMTP]:
    """A connected, encrypted and logged-in client. Raises Trouble for whatever fails on the way there."""
    client = aiosmtplib.SMTP(
        hostname=smtp.host,
        port=smtp.port,
        use_tls=smtp.security == "tls",
        start_tls=False,
        tls_context=None if smtp.security == "none" else await asyncio.to_thread(tls_context, smtp),
        timeout=CONNECT_SECONDS,
        local_hostname="[127.0.0.1]",
    )
    try:
        await _enter(client, smtp, secret)
        yield client
    finally:
        client.close()


async def _enter(client: aiosmtplib.SMTP, smtp: Smtp, secret: SecretSource) -> None:
    place = place_of(smtp)
    try:
        await client.connect()
        await client.ehlo()
        if smtp.security == "starttls":
            await _upgrade(client, place)
    except (SMTPException, OSError, ValueError) as error:
        raise explain(error, place) from error
    if not client.supports_extension("auth") and smtp.security == "none":
        return
    await _log_in(client, smtp, secret)


async def _upgrade(client: aiosmtplib.SMTP, place: Place) -> None:
    if not client.supports_extension("starttls"):
        raise Trouble(
            "no-tls",
            f"{place} does not offer STARTTLS, so neither password nor mail was sent",
            'if it should, somebody may be meddling with the connection; otherwise try security = "tls" (port 465)',
        )
    await client.starttls()
    await client.ehlo()


async def _log_in(client: aiosmtplib.SMTP, smtp: Smtp, secret: SecretSource) -> None:
    place = place_of(smtp)
    password = await asyncio.to_thread(secret)
    if password is None:
        raise Trouble(
            "no-secret",
            f"there is no password for {smtp.user}",
            "store it in the keyring with `desk connect email`, or set password_cmd",
        )
    try:
        if smtp.auth == "xoauth2":
            await _present_token(client, smtp, password)
        elif "plain" in client.supported_auth_methods:  # login() would try every method with the same password
            await client.auth_plain(smtp.user, password, timeout=COMMAND_SECONDS)
        else:
            await client.login(smtp.user, password, timeout=COMMAND_SECONDS)
    except aiosmtplib.SMTPAuthenticationError as error:
        kind = "server" if error.code < 500 else "login"
        raise Trouble(
            kind,  # type: ignore[arg-type]
            f"{place} refused the login of {smtp.user}: {error.code} {quoted(error.message)}",
            "check user and password; with two-factor login, most providers need an app password made for Desk,"
            ' and some take only tokens (auth = "xoauth2")',
        ) from error
    except (SMTPException, OSError, UnicodeError) as error:
        raise explain(error, place) from error


async def _present_token(client: aiosmtplib.SMTP, smtp: Smtp, token: str) -> None:
    place = place_of(smtp)
    if "xoauth2" not in client.server_auth_methods:
        raise no_tokens(place)
    initial = base64.b64encode(xoauth2(smtp.user, token).encode())
    response = await client.execute_command(b"AUTH", b"XOAUTH2", initial, timeout=COMMAND_SECONDS)
    if response.code == 334:  # why it is refused, in JSON; the word itself follows
        response = await client.execute_command(b"", timeout=COMMAND_SECONDS)
    if 400 <= response.code < 500:
        raise Trouble("server", f"{place} does not let {smtp.user} in at the moment: {quoted(response.message)}")
    if response.code != 235:
        raise token_refused(place, smtp.user, f"{response.code} {quoted(response.message)}")


async def send(smtp: Smtp, secret: SecretSource, wire: Wire) -> Receipt:
    """Hand a message over. Raises Temporary or Permanent where it was certainly not accepted, else Uncertain."""
    try:
        async with session(smtp, secret) as client:
            try:
                refused = await _envelope(client, wire)
                response = await _content(client, wire.raw)
            except (SMTPException, OSError) as error:
                raise _not_sent(error, smtp) from error
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                await client.quit(timeout=2)
            return Receipt(response=quoted(response), refused=refused)
    except Trouble as trouble:
        raise Temporary(f"{trouble}" + (f" ({trouble.hint})" if trouble.hint else "")) from trouble


def _not_sent(error: Exception, smtp: Smtp) -> SendError:
    if isinstance(error, SMTPResponseException):
        return _by_code(error.code, f"{place_of(smtp)} answered {error.code} {quoted(error.message)}")
    return Temporary(str(explain(error, place_of(smtp))))


def _by_code(code: int, words: str) -> SendError:
    """Reply codes of RFC 5321 section 4.2.1: only 5yz is for good."""
    return Permanent(words) if 500 <= code <= 599 else Temporary(words)


async def _envelope(client: aiosmtplib.SMTP, wire: Wire) -> dict[str, str]:
    """Say from whom and to whom; returns the recipients that were refused, with the server's words."""
    international = not all(address.isascii() for address in (wire.sender, *wire.recipients))
    if (international or not wire.raw.isascii()) and not client.supports_extension("smtputf8"):
        raise Permanent("an address holds non-ASCII characters, and the mail server does not take such (no SMTPUTF8)")
    _fits(client, wire)
    options = [f"SIZE={len(wire.raw)}"] if client.supports_extension("size") else []
    encoding = "ascii"
    if international or not wire.raw.isascii():
        options += ["SMTPUTF8", "BODY=8BITMIME"]
        encoding = "utf-8"
    await client.mail(wire.sender, options=options, encoding=encoding, timeout=COMMAND_SECONDS)
    refused: dict[str, str] = {}
    codes: list[int] = []
    for recipient in wire.recipients:
        try:
            await client.rcpt(recipient, encoding=encoding, timeout=COMMAND_SECONDS)
        except aiosmtplib.SMTPRecipientRefused as error:
            refused[recipient] = f"{error.code} {quoted(error.message)}"
            codes.append(error.code)
    if len(codes) == len(wire.recipients):
        words = "; ".join(f"{recipient}: {said}" for recipient, said in refused.items())
        raise _by_code(min(codes, default=550), f"no recipient was accepted: {words}")
    return refused


def _fits(client: aiosmtplib.SMTP, wire: Wire) -> None:
    if not wire.recipients:
        raise Permanent("the message has no recipient")
    limit = client.esmtp_extensions.get("size", "")
    if limit.isdigit() and 0 < int(limit) < len(wire.raw):
        taken, size = int(limit) / 1e6, len(wire.raw) / 1e6
        raise Permanent(f"the message has {size:.1f} MB, the mail server takes {taken:.1f} MB; send fewer attachments")


async def _content(client: aiosmtplib.SMTP, raw: bytes) -> str:
    """Send the content. Until the line that ends it is on its way, the server cannot have accepted it."""
    response = await client.execute_command(b"DATA", timeout=COMMAND_SECONDS)
    if response.code != 354:
        raise SMTPResponseException(response.code, response.message)
    protocol = client.protocol
    if protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    data = _DOT.sub(b"..", _BARE_LINE_END.sub(b"\r\n", raw))
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    for start in range(0, len(data), _CHUNK):
        protocol.write(data[start : start + _CHUNK])
        await _drained(protocol)
    try:
        protocol.write(b".\r\n")
        response = await protocol.read_response(timeout=ACCEPT_SECONDS)
    except (SMTPException, OSError) as error:
        raise Uncertain(
            "the connection broke after the message was handed over and before the server answered; "
            "it may have been accepted"
        ) from error
    if response.code != 250:
        raise _by_code(response.code, f"the mail server did not take it: {response.code} {quoted(response.message)}")
    return f"{response.code} {response.message}"


async def _drained(protocol: SMTPProtocol) -> None:
    """Wait until no more than one chunk is on its way. Raises what a broken or stalled connection raises."""
    async with asyncio.timeout(STALL_SECONDS):
        while True:
            transport = protocol.transport
            if not isinstance(transport, asyncio.WriteTransport) or transport.is_closing():
                raise aiosmtplib.SMTPServerDisconnected("Connection lost")
            if transport.get_write_buffer_size() <= _CHUNK:
                return
            await asyncio.sleep(0.005)
