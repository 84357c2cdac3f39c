"""Settings over the API: listed, changed with comments kept, refused with file and line, noticed when edited."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from desk.client import Client, Refused
from desk.settings import SettingsError
from desk.settings.fields import FIELDS
from desk.settings.listing import listed
from desk.settings.shown import SettingValue
from desk.settings.writing import plan_value, plan_without
from tests.server.test_api import fill
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline

FILE = """\
# ours
[desk]
undo_seconds = 5 # short

[accounts.help]
connector = "maildir"   # no server
address = "help@shop.example"
incoming = "in"
outgoing = "out"
enabled = false

[keys]
reply = "Y"
"""


def by_path(values: list[SettingValue]) -> dict[str, SettingValue]:
    return {value.path: value for value in values}


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(FILE).start()


async def soon(true: Callable[[], Awaitable[object]], seconds: float = 10.0) -> None:
    deadline = Deadline(seconds)
    while not await true():
        assert not deadline.passed(), "it did not come"
        await asyncio.sleep(0.05)


async def test_everything_is_listed_with_where_it_comes_from(server: DeskServer) -> None:
    async with server.client() as client:
        values = by_path(await client.settings())
    undo = values["desk.undo_seconds"]
    assert (undo.value, undo.default, undo.source, undo.line, undo.kind) == (5, 10, "desk.toml", 3, "number")
    assert values["desk.upload_mb"].source == "default"
    assert values["accounts.help.connector"].line == 6
    assert values["accounts.help.collected"].value is False
    assert "accounts.help.imap" not in values
    assert values["keys.reply"].value == "Y"
    assert values["keys.claim"].value == "c"
    assert values["reps.mia.theme"].group == "reps.mia"
    assert all(value.help and value.name and value.group for value in values.values())


async def test_setting_and_unsetting_keep_what_people_wrote(server: DeskServer) -> None:
    async with server.client() as client:
        [changed] = await client.set_setting("desk.undo_seconds", 0)
        assert (changed.value, changed.line) == (0, 3)
        assert "undo_seconds = 0 # short" in server.home.settings.read_text()
        await client.set_setting("accounts.help.signature", "Two\nlines\n")
        await client.set_setting("views.late", "is:unread priority:urgent")
        await client.set_setting("reps.mia.theme", "light")
        await client.set_setting("promises.chat", "45s")
        await client.set_setting("keys.conversation.why", "B")
        values = by_path(await client.settings())
        assert values["accounts.help.signature"].value == "Two\nlines\n"
        assert values["keys.conversation.why"].value == "B"
        assert (await client.comfort()).theme == "light"
        assert any(view.name == "saved:late" for view in await client.views())
        await client.unset_setting("views.late")
        await client.unset_setting("desk.undo_seconds")
        text = server.home.settings.read_text()
        assert "undo_seconds" not in text
        assert "# ours" in text
        assert "# no server" in text
        assert by_path(await client.settings())["desk.undo_seconds"].value == 10


@pytest.mark.parametrize(
    ("path", "value", "line", "said"),
    [
        ("desk.undo_seconds", -1, 3, "cannot be negative"),
        ("desk.undo_seconds", "x", 3, "is a number, not a text"),
        ("desk.undo_second", 1, 4, "did you mean undo_seconds?"),
        ("desk.bell", "loud", 4, "one of off, mentions, mine, all"),
        ("promises.chat", "soon", 16, "is no duration"),
        ("views.late", "is:unred", 16, "column 12"),
        ("keys.reply", "ctrl+i", 13, "tab"),
        ("keys.reply", "c", 13, "give one of them another key"),
        ("keys.replay-all", "c", 14, "replay-all"),
        ("accounts.help.password", "hunter2", 11, "secrets are not kept here"),
        ("accounts.help.poll_seconds", 0, 11, "at least 0.05"),
        ("accounts.help.nonsense", 0, 11, "there is no such option"),
        ("macros.late.steps", ["dance"], 16, "dance"),
        ("accounts.help.address.x", 1, None, "is no table"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_line(
    server: DeskServer, path: str, value: object, line: int | None, said: str
) -> None:
    async with server.client() as client:
        with pytest.raises(Refused) as caught:
            await client.set_setting(path, value)
    assert caught.value.problem.code == "bad-settings"
    message = caught.value.problem.message
    assert said in message
    assert "hunter2" not in message
    assert message.startswith(f"{server.home.settings}:{line}:" if line else f"{server.home.settings}:"), message
    assert server.home.settings.read_text() == FILE


@pytest.mark.parametrize("path", ["desk", "", "desk..x", "desk.[x", 'accounts."x'])
async def test_names_that_are_none(server: DeskServer, path: str) -> None:
    async with server.client() as client:
        with pytest.raises(Refused) as caught:
            await client.set_setting(path, 1)
    assert caught.value.problem.code == "bad-request"


async def heard(client: Client, kind: str) -> None:
    async for changes in client.events((await client.status()).last_seq):
        if any(change.kind == kind for change in changes):
            return


async def test_a_file_edited_by_hand_is_read_anew_and_its_faults_are_told(server: DeskServer) -> None:
    file = server.home.settings
    async with server.client() as client:
        hearing = asyncio.create_task(heard(client, "setting"))

        async def listens() -> bool:
            file.write_text(FILE.replace("undo_seconds = 5", f"undo_seconds = {time.time()}"))
            await asyncio.sleep(1.2)
            return hearing.done()

        await soon(listens, 20)
        file.write_text(FILE.replace("undo_seconds = 5", "undo_seconds = 7"))

        async def seven() -> bool:
            return by_path(await client.settings())["desk.undo_seconds"].value == 7

        await soon(seven)
        file.write_text(FILE.replace("undo_seconds = 5", 'undo_seconds = "soon"\ntheme = 3'))

        async def told() -> str:
            return (await client.status()).settings_error

        await soon(told)
        error = await told()
        assert f"{file}:3: undo_seconds is a number, not a text" in error
        assert f"{file}:4: theme is a text" in error
        assert await seven()
        with pytest.raises(Refused, match="undo_seconds is a number"):
            await client.set_setting("desk.upload_mb", 3)
        file.write_text(FILE)

        async def mended() -> bool:
            return not await told()

        await soon(mended)


async def test_an_account_is_paused_and_goes_on(server: DeskServer) -> None:
    for folder in ("in", "out"):
        for part in ("cur", "new", "tmp"):
            (server.home.folder / folder / part).mkdir(parents=True)
    async with server.client() as client:
        assert [account.state for account in await client.accounts()] == ["paused"]
        await client.set_setting("accounts.help.enabled", True)

        async def connected() -> bool:
            return [account.state for account in await client.accounts()] == ["connected"]

        await soon(connected)
        assert {check.status for check in await client.check_account("help")} == {"ok"}
        await client.set_setting("accounts.help.enabled", False)
        assert [account.state for account in await client.accounts()] == ["paused"]
        with pytest.raises(Refused) as caught:
            await client.check_account("nobody")
        assert caught.value.problem.code == "not-found"


async def test_a_secret_is_kept_for_the_run_where_there_is_no_keyring(server: DeskServer) -> None:
    async with server.client() as client:
        check = await client.keep_secret("help", "hunter2")
    assert check.status == "warning"
    assert "until the server ends" in check.message
    assert "hunter2" not in server.log()


def test_every_field_is_told_and_its_default_would_do() -> None:
    from desk.settings.judging import problem

    for field in FIELDS:
        assert field.help == field.help.strip()
        assert field.default in (None, "") or not problem(field, field.default), field.path


def test_the_structs_have_the_fields_defaults() -> None:
    import msgspec

    from desk.settings import AccountSettings, Comfort, DeskSettings, DialerSettings
    from desk.settings.dialing import DIALERS
    from desk.settings.fields import ACCOUNTS, COMFORT, DESK, named

    told = ((DeskSettings, DESK), (Comfort, COMFORT), (AccountSettings, ACCOUNTS), (DialerSettings, DIALERS))
    for kind, fields in told:
        known = named(fields)
        for each in msgspec.structs.fields(kind):
            name = "name" if each.name == "display_name" else each.name
            if each.name not in ("name", "folder", "options", "dialer") or kind is DeskSettings:
                default = [*each.default] if isinstance(each.default, tuple) else each.default
                assert default == known.pop(name).default, name
        assert set(known) <= {"name", "dialer"}


def test_connectors_options_are_those_the_connectors_know() -> None:
    import msgspec

    from connectors.dialing.asterisk.settings import AsteriskSettings
    from connectors.dialing.baresip.settings import BaresipSettings
    from connectors.dialing.launch import LaunchSettings
    from connectors.dialing.twilio.settings import TwilioSettings
    from connectors.email.settings import EmailSettings, Imap
    from connectors.maildir.settings import MaildirSettings
    from desk.settings.dialing import ASTERISK, BARESIP, LAUNCH, TWILIO
    from desk.settings.fields import EMAIL, MAILDIR, SERVERS, named

    dialers = (
        (LaunchSettings, LAUNCH),
        (BaresipSettings, BARESIP),
        (AsteriskSettings, ASTERISK),
        (TwilioSettings, TWILIO),
    )
    for kind, fields in ((EmailSettings, EMAIL), (Imap, SERVERS), (MaildirSettings, MAILDIR), *dialers):
        known = named(fields)
        assert set(known) == {each.name for each in msgspec.structs.fields(kind)}
        for each in msgspec.structs.fields(kind):
            default = list(each.default) if isinstance(each.default, tuple) else each.default
            assert known[each.name].default in (None, default) or default is msgspec.NODEFAULT, each.name


def test_names_with_dots_are_quoted(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text('[accounts."a.b"]\naddress = "a@b.c"\n')
    text, settings = plan_value(file, ("accounts", "a.b", "queue"), "Late")
    assert settings.accounts["a.b"].queue == "Late"
    assert any(value.path == 'accounts."a.b".queue' for value in listed(text, file))
    _, settings = plan_without(file, ("accounts", "a.b"))
    assert settings.accounts == {}
    with pytest.raises(SettingsError, match="is not set there"):
        plan_without(file, ("accounts", "x"))


def test_the_reference_is_what_the_fields_say() -> None:
    from desk.settings.reference import SECTIONS, refreshed

    document = (Path(__file__).resolve().parents[2] / "docs" / "configuration.md").read_text("utf-8")
    assert refreshed(document) == document, "run scripts/reference"
    assert all(f"<!-- settings: {name} -->" in document for name in SECTIONS)


async def test_an_account_is_disconnected_with_its_secret(server: DeskServer) -> None:
    async with server.client() as client:
        checks = await client.disconnect_account("help")
        assert [check.what for check in checks] == ["account help: secret"]
        assert await client.accounts() == []
        assert "accounts" not in server.home.settings.read_text()
        assert server.home.settings.read_text().startswith("# ours\n[desk]\nundo_seconds = 5 # short")
        with pytest.raises(Refused) as gone:
            await client.disconnect_account("help")
        assert gone.value.problem.code == "not-found"


async def test_reps_are_called_as_the_file_says(server: DeskServer, tmp_path: Path) -> None:
    async with server.client("mia") as mia, server.client("tom") as tom:
        await fill(mia, tmp_path / "mail", 1)
        [row] = (await mia.conversations()).items
        assert (await mia.claim(row.id)).assignee_name == "mia"
        await mia.set_setting("reps.mia.name", "Mia Nakamura")
        assert (await mia.me()).name == "Mia Nakamura"
        assert (await tom.conversation(row.id)).assignee_name == "Mia Nakamura"
        await tom.set_setting("desk.agent", "tom")
        await tom.set_setting("desk.agent_name", "Tom Okri")
        assert {agent.login: agent.name for agent in await mia.agents()} == {"mia": "Mia Nakamura", "tom": "Tom Okri"}
        server.home.settings.write_text(server.home.settings.read_text().replace("Tom Okri", "Thomas"))

        async def renamed() -> bool:
            return (await tom.me()).name == "Thomas"

        await soon(renamed)
    server.restart()
    async with server.client("mia") as mia:
        assert (await mia.me()).name == "Mia Nakamura"
