"""Where secrets come from, in which order, and what happens when a source does not answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.errors
import pytest

from desk import secrets
from desk.secrets import SecretError, Secrets
from desk.server import doctor
from desk.settings import AccountSettings, Command, environment_name


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring in memory: the contract of `keyring.backend`, nothing of the machine's."""

    priority = 5.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class HangingKeyring(MemoryKeyring):
    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.released.wait(60)
        return None


class NoKeyring(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.NoKeyringError("none")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.NoKeyringError("none")


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    chosen = MemoryKeyring()
    keyring.set_keyring(chosen)
    yield chosen
    keyring.set_keyring(before)


SHOP = AccountSettings(name="shop-mail")
BY_COMMAND = AccountSettings(name="shop-mail", password_cmd=Command(argv=("echo", "from command")))


def test_the_order(ring: MemoryKeyring) -> None:
    found = Secrets("/w", environment={environment_name("shop-mail"): "from environment"})
    nothing = Secrets("/w", environment={})
    assert nothing.find(SHOP) is None
    nothing.keep("shop-mail", "from keyring")
    nothing.forget("shop-mail")
    for source, account, expected in [
        (nothing, SHOP, "keyring"),
        (Secrets("/w", environment={}), BY_COMMAND, "command"),
        (found, BY_COMMAND, "environment"),
    ]:
        answer = source.find(account)
        assert answer is not None
        assert (answer.secret, answer.origin) == (f"from {expected}", expected)
        assert expected in source.where(account).replace("password_cmd", "command")
    found.give("shop-mail", "typed just now")
    assert found.source(BY_COMMAND)() == "typed just now"
    assert "this run" in found.where(BY_COMMAND)


def test_the_keyring_keeps_workspaces_apart(ring: MemoryKeyring) -> None:
    Secrets("/one", environment={}).keep("shop-mail", "one's")
    assert Secrets("/two", environment={}).find(SHOP) is None


def test_a_secret_shows_in_no_representation(ring: MemoryKeyring) -> None:
    source = Secrets("/w", environment={environment_name("shop-mail"): "hunter2"})
    assert "hunter2" not in repr(source.find(SHOP))


def test_commands_run_once_until_forgotten(ring: MemoryKeyring, tmp_path: object) -> None:
    counter = AccountSettings(
        name="a", password_cmd=Command(shell=f"echo x >> {tmp_path}/runs; wc -l < {tmp_path}/runs")
    )
    source = Secrets("/w", environment={})
    answers = [source.source(counter)(), source.source(counter)()]
    source.forget("a")
    assert [*answers, source.source(counter)()] == ["1", "1", "2"]


def test_access_tokens_are_asked_for_anew_each_time(ring: MemoryKeyring, tmp_path: object) -> None:
    command = Command(shell=f"echo x >> {tmp_path}/runs; wc -l < {tmp_path}/runs")
    account = AccountSettings(name="a", password_cmd=command, options={"auth": "xoauth2"})
    source = Secrets("/w", environment={})
    assert [source.source(account)(), source.source(account)()] == ["1", "2"]
    assert doctor.secret_check(source, account).status == "ok"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Command(argv=("sh", "-c", "echo no such entry >&2; exit 3")), "exit code 3: no such entry"),
        (Command(argv=("no-such-program-at-all",)), "cannot be run"),
        (Command(argv=("true",)), "printed nothing"),
        (Command(argv=("echo $HOME",)), "cannot be run"),
    ],
)
def test_commands_that_fail_say_why(command: Command, words: str) -> None:
    source = Secrets("/w", environment={})
    account = AccountSettings(name="a", password_cmd=command)
    with pytest.raises(SecretError, match=words):
        source.find(account)
    assert words in source.where(account)


def test_a_command_that_hangs() -> None:
    with pytest.raises(SecretError, match="did not end within"):
        secrets.run(Command(argv=("sleep", "60")), seconds=0.1)


def test_a_keyring_that_hangs(monkeypatch: pytest.MonkeyPatch, ring: MemoryKeyring) -> None:
    monkeypatch.setattr(secrets, "KEYRING_SECONDS", 0.2)
    hanging = HangingKeyring()
    keyring.set_keyring(hanging)
    try:
        with pytest.raises(SecretError, match="did not answer"):
            Secrets("/w", environment={}).find(SHOP)
    finally:
        hanging.released.set()


def test_no_keyring_at_all(ring: MemoryKeyring) -> None:
    keyring.set_keyring(NoKeyring())
    source = Secrets("/w", environment={})
    assert source.find(SHOP) is None
    assert "DESK_PASSWORD_SHOP_MAIL" in source.where(SHOP)
    with pytest.raises(SecretError, match="no keyring"):
        source.keep("shop-mail", "x")


def test_the_doctor_names_the_keyring(ring: MemoryKeyring) -> None:
    found = doctor.keyring_check(Secrets("/w", environment={}))
    assert (found.what, found.status) == ("keyring", "ok")
    assert "MemoryKeyring" in found.message


def test_the_doctor_says_what_the_lack_of_a_keyring_means(ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(NoKeyring())
    found = doctor.keyring_check(Secrets("/w", environment={}))
    assert found.status == "warning"
    assert "no keyring" in found.message
    assert "password_cmd" in found.hint
    monkeypatch.setattr(secrets, "KEYRING_SECONDS", 0.2)
    hanging = HangingKeyring()
    keyring.set_keyring(hanging)
    try:
        found = doctor.keyring_check(Secrets("/w", environment={}))
    finally:
        hanging.released.set()
    assert found.status == "warning"
    assert "did not answer" in found.message


def test_a_secret_that_ends_with_the_server_is_warned_of(ring: MemoryKeyring) -> None:
    keyring.set_keyring(NoKeyring())
    source = Secrets("/w", environment={})
    assert doctor.secret_check(source, SHOP).status == "warning"
    source.give("shop-mail", "x")
    found = doctor.secret_check(source, SHOP)
    assert found.status == "warning"
    assert "this run of the server" in found.message
    assert "DESK_PASSWORD_SHOP_MAIL" in found.hint
    named = Secrets("/w", environment={"DESK_PASSWORD_SHOP_MAIL": "x"})
    assert doctor.secret_check(named, SHOP).status == "ok"


def test_a_keyring_in_plain_text_is_not_used_for_keeping(ring: MemoryKeyring) -> None:
    class PlainText(MemoryKeyring):
        priority = 0.5  # type: ignore[assignment]

    keyring.set_keyring(PlainText())
    with pytest.raises(SecretError, match="no keyring"):
        Secrets("/w", environment={}).keep("shop-mail", "x")
