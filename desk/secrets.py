"""Where an account's secret comes from: environment, command, keyring, or asked for. Never from a file of ours.

What was given for this run of the server comes first of all, because somebody has just typed it. Answers are
remembered until `forget`, so that a password manager is not asked at every reconnect; but not
access tokens, which expire.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, TypeVar

from msgspec import Struct

from desk.settings import AccountSettings, Command, environment_name

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "agent-desk"
"""The name under which the keyring keeps Desk's secrets."""
KEYRING_SECONDS = 3.0
COMMAND_SECONDS = 30.0
"""Time enough to unlock a password store by hand."""

Origin = Literal["this session", "environment", "command", "keyring"]


class SecretError(Exception):
    """A source that should have answered could not; the message says which, why and what to do."""


class Found(Struct, frozen=True):
    """A secret and where it came from."""

    secret: str
    origin: Origin

    def __repr__(self) -> str:
        return f"Found(…, {self.origin!r})"


class Secrets:
    """The secrets of one workspace's accounts. Safe to use from several threads; `find` may take seconds."""

    def __init__(self, workspace: str, *, environment: Mapping[str, str] | None = None) -> None:
        self._workspace = workspace
        self._environment = os.environ if environment is None else environment
        self._given: dict[str, str] = {}
        self._remembered: dict[str, Found] = {}

    def find(self, account: AccountSettings) -> Found | None:
        """The account's secret, None if no source has one. Raises SecretError."""
        known = self.known(account)
        if known is not None:
            return known
        found = self._look(account)
        if found is not None and not account.secret_expires:
            self._remembered[account.name] = found
        return found

    def source(self, account: AccountSettings) -> Callable[[], str | None]:
        """`find` as connectors want it."""

        def secret() -> str | None:
            found = self.find(account)
            return None if found is None else found.secret

        return secret

    def where(self, account: AccountSettings) -> str:
        """Which source answers for the account, or why none does, in words."""
        try:
            found = self.find(account)
        except SecretError as error:
            return str(error)
        if found is None:
            return (
                f"no secret: set {environment_name(account.name)}, or password_cmd in desk.toml,"
                f" or give it in the terminal with `:provide-secret {account.name}`"
            )
        return self.words(account, found)

    def words(self, account: AccountSettings, found: Found) -> str:
        """Which source answered, in words."""
        return {
            "this session": "given for this run of the server only",
            "environment": f"from the environment variable {environment_name(account.name)}",
            "command": "from password_cmd",
            "keyring": "from the keyring",
        }[found.origin]

    def give(self, account: str, secret: str) -> None:
        """Use this secret until the server ends."""
        self._given[account] = secret

    def forget(self, account: str) -> None:
        """Ask the sources anew next time: the secret was refused, or may have changed."""
        self._remembered.pop(account, None)

    def keyring(self) -> str:
        """The name of the keyring, which has just answered. Raises SecretError if there is none that keeps secrets."""

        def ask() -> str:
            backend = _safe_keyring()
            backend.get_password(SERVICE, self._entry("doctor"))
            return str(backend.name)

        return _asking_keyring(ask)

    def keep(self, account: str, secret: str) -> None:
        """Put the secret into the keyring. Raises SecretError if there is none that keeps secrets safely."""

        def put() -> None:
            _safe_keyring().set_password(SERVICE, self._entry(account), secret)

        _asking_keyring(put)
        self._remembered[account] = Found(secret, "keyring")
        self._given.pop(account, None)

    def drop(self, account: str) -> bool:
        """Forget the account's secret, in the keyring too; whether it was there. Raises SecretError."""
        import keyring
        import keyring.errors

        def delete() -> bool:
            try:
                keyring.delete_password(SERVICE, self._entry(account))
            except (keyring.errors.NoKeyringError, keyring.errors.PasswordDeleteError):
                return False
            return True

        self._given.pop(account, None)
        self._remembered.pop(account, None)
        return _asking_keyring(delete)

    def known(self, account: AccountSettings) -> Found | None:
        """The secret as far as it is at hand: asks neither a command nor the keyring."""
        if account.name in self._given:
            return Found(self._given[account.name], "this session")
        if secret := self._environment.get(environment_name(account.name)):
            return Found(secret, "environment")
        return self._remembered.get(account.name)

    def _look(self, account: AccountSettings) -> Found | None:
        if account.password_cmd is not None:
            return Found(run(account.password_cmd), "command")
        secret = self._from_keyring(account.name)
        return None if secret is None else Found(secret, "keyring")

    def _from_keyring(self, account: str) -> str | None:
        import keyring
        import keyring.errors

        def get() -> str | None:
            try:
                return keyring.get_password(SERVICE, self._entry(account))
            except keyring.errors.NoKeyringError:
                return None

        return _asking_keyring(get)

    def _entry(self, account: str) -> str:
        return f"{account}@{self._workspace}"


def _safe_keyring() -> KeyringBackend:
    """The machine's keyring. Raises NoKeyringError if it has none, or only one that keeps plain text."""
    import keyring
    import keyring.errors

    backend = keyring.get_keyring()
    if backend.priority < 1:
        raise keyring.errors.NoKeyringError("no safe keyring")
    return backend


def _asking_keyring(ask: Callable[[], T]) -> T:
    """Run in a thread with a time limit: with D-Bus and no display a keyring may hang. Raises SecretError."""
    import keyring.errors

    try:
        return _within(KEYRING_SECONDS, ask)
    except TimeoutError as error:
        raise SecretError(
            f"the keyring did not answer within {KEYRING_SECONDS:.0f} s (unlock it, or use password_cmd in desk.toml)"
        ) from error
    except keyring.errors.NoKeyringError as error:
        raise SecretError("this machine has no keyring") from error
    except keyring.errors.KeyringLocked as error:
        raise SecretError("the keyring is locked; unlock it and try again") from error
    except Exception as error:  # backends raise whatever D-Bus, ctypes or a plug-in of theirs does
        raise SecretError(f"the keyring failed: {type(error).__name__}: {error}") from error


def _within(seconds: float, work: Callable[[], T]) -> T:
    """Run `work` in a thread that may be left behind. Raises TimeoutError, or what `work` raised."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]


def run(command: Command, *, seconds: float = COMMAND_SECONDS) -> str:
    """The first line that the command prints. Raises SecretError with what it said on its standard error."""
    shown = command.shell or command.argv[0]
    try:
        done = subprocess.run(
            command.shell or list(command.argv),
            shell=bool(command.shell),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SecretError(f"password_cmd ({shown}) did not end within {seconds:.0f} s") from error
    except OSError as error:
        raise SecretError(f"password_cmd ({shown}) cannot be run: {error.strerror or error}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[-300:]
        raise SecretError(f"password_cmd ({shown}) ended with exit code {done.returncode}: {said or 'no word why'}")
    secret = done.stdout.decode("utf-8", "replace").partition("\n")[0].rstrip("\r")
    if not secret:
        raise SecretError(f"password_cmd ({shown}) printed nothing")
    return secret
