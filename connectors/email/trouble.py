"""What goes wrong between here and a mail server, told apart and said in plain words."""

from __future__ import annotations

import errno
import imaplib
import re
import socket
import ssl
from typing import Literal

from msgspec import Struct

from desk import text

Kind = Literal[
    "name",
    "refused",
    "timeout",
    "unreachable",
    "dropped",
    "wrong-host",
    "expired",
    "untrusted",
    "certificate",
    "not-tls",
    "no-tls",
    "login",
    "token",
    "no-secret",
    "folder",
    "server",
]


class Trouble(Exception):
    """A failure in words. `hint` says what to do; `kind` is for programs."""

    def __init__(self, kind: Kind, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.hint = hint


class Place(Struct, frozen=True, kw_only=True):
    """Which server is talked to, for messages."""

    protocol: Literal["IMAP", "SMTP"]
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def option(self) -> str:
        return self.protocol.lower()


def quoted(words: str | bytes, limit: int = 300) -> str:
    """What a server said, as one harmless line."""
    decoded = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return text.line(decoded)[:limit]


def explain(error: BaseException, place: Place) -> Trouble:
    """Any failure of connecting or talking, as `Trouble`."""
    if isinstance(error, Trouble):
        return error
    chain = _chain(error)
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            return _certificate(one, place)
    for one in reversed(chain):
        if found := _network(_single(one), place):
            return found
    return Trouble("server", f"{place.protocol} with {place} failed: {quoted(str(error)) or type(error).__name__}")


def token_refused(place: Place, user: str, words: str) -> Trouble:
    """Unlike a password, a token that is refused now may be followed by one that is not."""
    return Trouble(
        "token",
        f"{place} refused the access token of {user}: {words}",
        "have password_cmd print a fresh token that is good for mail; its program may want you to sign in again",
    )


def no_tokens(place: Place) -> Trouble:
    return Trouble("login", f"{place} takes no access tokens", 'set auth = "password" for this account')


def xoauth2(user: str, token: str) -> str:
    """The initial response (Google, "The SASL XOAUTH2 Mechanism"). Raises Trouble for what cannot stand in one."""
    if any(character < " " for character in user + token):
        raise Trouble(
            "token", f"the access token of {user} holds control characters", "look at what password_cmd prints"
        )
    return f"user={user}\1auth=Bearer {token}\1\1"


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return found


def _single(error: BaseException) -> BaseException:
    """asyncio joins the failures of several addresses into one OSError without a number; take the first."""
    if type(error) is OSError and error.errno is None:
        numbered = re.search(r"\[Errno (\d+)\] ([^,\]]*)", str(error))
        return OSError(int(numbered[1]), numbered[2]) if numbered else error
    return error


def _network(error: BaseException, place: Place) -> Trouble | None:
    if isinstance(error, socket.gaierror):
        return Trouble(
            "name",
            f"the name {place.host} could not be resolved ({quoted(error.strerror or str(error))})",
            f"check {place.option}.host for typing errors, and that this machine is online",
        )
    if isinstance(error, ConnectionRefusedError):
        return Trouble(
            "refused",
            f"{place.host} refused the connection on port {place.port}: nothing listens there",
            f"check {place.option}.port and {place.option}.security; {_usual_ports(place)}",
        )
    if isinstance(error, TimeoutError):
        return Trouble(
            "timeout",
            f"{place} did not answer in time",
            "check host and port; a firewall may swallow the connection",
        )
    if isinstance(error, ssl.SSLError):
        return Trouble(
            "not-tls",
            f"{place} does not speak TLS as expected ({quoted(error.reason or str(error))})",
            f"check {place.option}.security: {_usual_ports(place)}",
        )
    gone = isinstance(error, OSError) and error.errno == errno.ENOTCONN
    if gone or isinstance(error, (ConnectionError, EOFError, imaplib.IMAP4.abort)):
        return Trouble("dropped", f"{place} closed the connection", "it is tried again by itself")
    if isinstance(error, OSError) and error.errno is not None:
        return Trouble(
            "unreachable",
            f"{place} cannot be reached: {quoted(error.strerror or str(error))}",
            "check that this machine is online",
        )
    return None


def _usual_ports(place: Place) -> str:
    if place.protocol == "IMAP":
        return "usual are 993 with tls and 143 with starttls"
    return "usual are 465 with tls and 587 with starttls"


_EXPIRED, _NOT_YET, _SELF_SIGNED = 10, 9, (18, 19)
"""X509_V_ERR codes of OpenSSL."""


def _certificate(error: ssl.SSLCertVerificationError, place: Place) -> Trouble:
    words = error.verify_message or quoted(str(error))
    if error.verify_code in (_EXPIRED, _NOT_YET):
        when = "has expired" if error.verify_code == _EXPIRED else "is not valid yet"
        return Trouble(
            "expired",
            f"the certificate of {place} {when}",
            "its operator has to renew it; check this machine's clock as well",
        )
    if "mismatch" in words.lower() or "not valid for" in words.lower():
        return Trouble(
            "wrong-host",
            f"the certificate of {place} is for another name ({quoted(_only_names(words))})",
            f"set {place.option}.host to the name in the certificate; if that surprises you, do not connect",
        )
    if error.verify_code in _SELF_SIGNED or "local issuer" in words:
        return Trouble(
            "untrusted",
            f"the certificate of {place} is self-signed or from an authority this machine does not trust",
            f"if the server is yours, set {place.option}.ca_file to its authority's PEM file",
        )
    return Trouble("certificate", f"the certificate of {place} was not accepted: {quoted(words)}")


def _only_names(words: str) -> str:
    return re.sub(r"^Hostname mismatch, ", "", words).rstrip(".")
