"""One logged-in IMAP connection whose waiting can be ended from another thread."""

from __future__ import annotations

import contextlib
import errno
import imaplib
import os
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

from imapclient import IMAPClient, SocketTimeout

from connectors.base import SecretSource
from connectors.email.settings import Imap, Server
from connectors.email.trouble import Place, Trouble, explain, no_tokens, quoted, token_refused, xoauth2

CONNECT_SECONDS = 10.0
LOGIN_SECONDS = 12.0
COMMAND_SECONDS = 30.0
"""How long one answer may take. A Dovecot that crashed while it made a mailbox's lock answers no SELECT of it for two
minutes, whoever asks and however often.
"""
_LONGEST_LINE = 50_000_000
"""A SEARCH answer is one line; imaplib's own limit of 1 MB ends at some 140,000 messages."""

_TEMPORARY_REFUSALS = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
"""Response codes of RFC 5530 and RFC 9051 with which a login fails though the password is right."""


class Stopped(Exception):
    """The connection was given up because its owner is stopping."""


class Wake:
    """Ends another thread's waiting. May be set from any thread, and stays set until cleared."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def fileno(self) -> int:
        return self._reader.fileno()

    def set(self) -> None:
        with contextlib.suppress(OSError):
            self._writer.send(b"\0")

    def clear(self) -> None:
        with contextlib.suppress(OSError):
            while self._reader.recv(4096):
                pass

    def wait(self, seconds: float) -> bool:
        """Whether it was set within that time."""
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        return bool(poll.poll(max(0.0, seconds) * 1000))

    def close(self) -> None:
        self._reader.close()
        self._writer.close()


class Line:
    """The connection a thread is using at the moment, so that another thread can cut it."""

    def __init__(self) -> None:
        self.cut_off = False
        self._socket: socket.socket | None = None

    def hold(self, sock: socket.socket) -> None:
        self.release()
        self._socket = sock.dup()
        if self.cut_off:
            self.cut()

    def release(self) -> None:
        held, self._socket = self._socket, None
        if held is not None:
            held.close()

    def cut(self) -> None:
        """Whatever waits on the connection ends at once, with an error; no new one is made."""
        self.cut_off = True
        held = self._socket
        if held is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)


class _Protocol(imaplib.IMAP4):
    """imaplib over a socket that is connected already."""

    def __init__(self, sock: socket.socket, host: str, port: int) -> None:
        self._given = sock
        super().__init__(host, port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._given


class Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient over a given socket; `idle_check` also returns, with nothing, when `wake` is set."""

    def __init__(self, sock: socket.socket, place: Place, *, over_tls: bool, wake: Wake | None) -> None:
        self._given = sock
        self._wake = wake
        super().__init__(place.host, place.port, ssl=over_tls, timeout=LOGIN_SECONDS)
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:
        return _Protocol(self._given, self.host, self.port)

    def _poll_socket(self, sock: socket.socket, timeout: float | None = None) -> list[Any]:
        """Ready at once for a timeout of 0, because lines may wait in buffers that no poll can see."""
        if timeout == 0:
            return [sock]
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLIN)
        if self._wake is not None:
            poll.register(self._wake.fileno(), select.POLLIN)
        events = poll.poll(None if timeout is None else timeout * 1000)
        return [event for event in events if event[0] == sock.fileno()]

    def announced(self) -> bool:
        """Whether the server said EXISTS, other than in IDLE, since this was asked last.

        It may do so at the end of any command, and does not repeat it in IDLE.
        """
        return any(item is not None for item in self._imap.response("EXISTS")[1])

    def be_patient(self) -> None:
        """From the login on, commands may take long: a SEARCH of a large folder, a FETCH over a slow line."""
        self._timeout = SocketTimeout(LOGIN_SECONDS, COMMAND_SECONDS)
        self._set_read_timeout()

    def forget_capabilities(self) -> None:
        """Servers announce more after login; ask again when next needed."""
        self._cached_capabilities = None


def tls_context(server: Server) -> ssl.SSLContext:
    """Certificates and host names are always checked; `ca_file` adds an authority. Raises Trouble."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.ca_file:
        try:
            context.load_verify_locations(cafile=server.ca_file)
        except OSError as error:
            raise Trouble(
                "certificate",
                f"the authority in {server.ca_file} cannot be read: {quoted(str(error))}",
                "correct ca_file: it names a PEM file",
            ) from error
    return context


def dial(place: Place, line: Line) -> socket.socket:
    """A TCP connection to the first address that answers. Raises OSError or Stopped."""
    deadline = time.monotonic() + CONNECT_SECONDS
    failure: OSError = TimeoutError()
    for family, kind, protocol, _, address in socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            _connect(sock, address, deadline, lambda: line.cut_off)
            _keep_alive(sock)
            sock.settimeout(CONNECT_SECONDS)
        except OSError as error:
            sock.close()
            failure = error
        except Stopped:
            sock.close()
            raise
        else:
            line.hold(sock)
            return sock
    raise failure


def _connect(sock: socket.socket, address: Any, deadline: float, stopped: Callable[[], bool]) -> None:
    sock.setblocking(False)
    code = sock.connect_ex(address)
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    while code == errno.EINPROGRESS:
        if stopped():
            raise Stopped
        if time.monotonic() > deadline:
            raise TimeoutError
        if poll.poll(200):
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


def _keep_alive(sock: socket.socket) -> None:
    """Notice a peer that vanished without a word within about two minutes."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4), ("TCP_USER_TIMEOUT", 60_000)):
        if hasattr(socket, name):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def place_of(imap: Imap) -> Place:
    return Place(protocol="IMAP", host=imap.host, port=imap.port)


def connect(imap: Imap, line: Line, wake: Wake | None = None) -> Client:
    """Connected and encrypted as the settings say; nothing secret has been said yet. Raises Trouble or Stopped."""
    place = place_of(imap)
    imaplib._MAXLINE = max(imaplib._MAXLINE, _LONGEST_LINE)  # type: ignore[attr-defined]
    sock: socket.socket | None = None
    try:
        sock = dial(place, line)
        if imap.security == "tls":
            sock = tls_context(imap).wrap_socket(sock, server_hostname=imap.host)
        client = Client(sock, place, over_tls=imap.security == "tls", wake=wake)
        if imap.security == "starttls":
            _upgrade(client, imap, place)
    except BaseException as error:
        if sock is not None:
            sock.close()
        if line.cut_off:
            raise Stopped from error
        if isinstance(error, (OSError, IMAPClient.Error)):
            raise explain(error, place) from error
        raise
    return client


def _upgrade(client: Client, imap: Imap, place: Place) -> None:
    if not client.has_capability("STARTTLS"):
        raise Trouble(
            "no-tls",
            f"{place} does not offer STARTTLS, so the password was not sent",
            'if it should, somebody may be meddling with the connection; otherwise try security = "tls" (port 993)',
        )
    client.starttls(tls_context(imap))


def log_in(client: Client, imap: Imap, secret: SecretSource) -> None:
    """Raises Trouble of kind `login` or `no-secret` where trying again will not help."""
    place = place_of(imap)
    password = secret()
    if password is None:
        raise Trouble(
            "no-secret",
            f"there is no password for {imap.user}",
            "store it in the keyring with `desk connect email`, or set password_cmd",
        )
    try:
        if imap.auth == "xoauth2":
            _present_token(client, imap, password, place)
        elif client.has_capability("AUTH=PLAIN"):
            client.sasl_login("PLAIN", lambda _: f"\0{imap.user}\0{password}".encode())
        else:
            client.login(imap.user, password)
    except (IMAPClient.AbortError, OSError) as error:
        raise explain(error, place) from error
    except UnicodeEncodeError:
        raise Trouble("login", f"{place} takes no passwords with other than ASCII characters") from None
    except IMAPClient.Error as error:
        if isinstance(error.__context__, (IMAPClient.AbortError, OSError)):  # IMAPClient makes a LoginError of a break
            raise explain(error.__context__, place) from error
        raise _refusal(str(error), imap, place) from error
    client.forget_capabilities()


def _present_token(client: Client, imap: Imap, token: str, place: Place) -> None:
    if not client.has_capability("AUTH=XOAUTH2"):
        raise no_tokens(place)
    response = xoauth2(imap.user, token)
    client.sasl_login("XOAUTH2", lambda challenge: "" if challenge else response)  # a challenge tells of a refusal


def _refusal(words: str, imap: Imap, place: Place) -> Trouble:
    said = quoted(words.removeprefix("b'").removesuffix("'"))
    if any(code in words for code in _TEMPORARY_REFUSALS):
        return Trouble("server", f"{place} does not let {imap.user} in at the moment: {said}", "it is tried again")
    if imap.auth == "xoauth2":
        return token_refused(place, imap.user, said)
    return Trouble(
        "login",
        f"{place} refused the login of {imap.user}: {said}",
        "check user and password; with two-factor login, most providers need an app password made for Desk,"
        ' and some take only tokens (auth = "xoauth2")',
    )


@contextlib.contextmanager
def session(imap: Imap, secret: SecretSource, line: Line, wake: Wake | None = None) -> Iterator[Client]:
    """A logged-in client, closed at the end. What fails inside is raised as Trouble, or Stopped if `line` was cut."""
    client = None
    try:
        client = connect(imap, line, wake)
        log_in(client, imap, secret)
        client.be_patient()
        yield client
        with contextlib.suppress(OSError, IMAPClient.Error):
            client.logout()
    except (OSError, IMAPClient.Error, Trouble, ValueError, AttributeError) as error:
        if line.cut_off:
            raise Stopped from error
        raise explain(error, place_of(imap)) from error
    finally:
        line.release()
        if client is not None:
            with contextlib.suppress(OSError, IMAPClient.Error):
                client.shutdown()
