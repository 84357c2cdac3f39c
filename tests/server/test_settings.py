"""desk.toml: what it may say, and what is said about what it may not."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from desk.clock import DAY, HOUR, MINUTE, SECOND
from desk.model import Capacity
from desk.settings import Command, Settings, SettingsError, duration, load, parse, write_account

FULL = """\
[desk]
undo_seconds = 5
agent = "mia"

[promises]
email = "4h"

[keys]
reply = "r"
open = ["enter", "o"]

[accounts.support]
connector = "email"
address = "help@shop.test"
name = "The Shop"
queue = "first line"
password_cmd = "pass show 'mail/the shop'"
imap_host = "imap.shop.test"
folders = ["INBOX", "Orders"]
"""


def findings(text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse(text, Path("desk.toml"))
    return list(caught.value.findings)


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path / "desk.toml")
    assert settings == Settings()
    assert settings.desk.undo_seconds == 10
    assert settings.promises == {"email": 8 * HOUR, "chat": MINUTE}


def test_everything_at_once() -> None:
    settings = parse(FULL, Path("desk.toml"))
    assert (settings.desk.undo_seconds, settings.desk.agent) == (5, "mia")
    assert settings.promises["email"] == 4 * HOUR
    assert settings.keys == {"reply": "r", "open": ["enter", "o"]}
    account = settings.accounts["support"]
    assert (account.name, account.connector, account.address) == ("support", "email", "help@shop.test")
    assert (account.display_name, account.queue) == ("The Shop", "first line")
    assert account.password_cmd == Command(argv=("pass", "show", "mail/the shop"))
    assert account.options == {"imap_host": "imap.shop.test", "folders": ["INBOX", "Orders"]}


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("[desk]\nundo_second = 5\n", "desk.toml:2: there is no setting desk.undo_second; did you mean undo_seconds?"),
        ("\n[dsk]\n", "desk.toml:2: there is no setting dsk; did you mean desk?"),
        ('[desk]\n\nundo_seconds = "5"\n', "desk.toml:3: undo_seconds is a number, not a text"),
        ("[desk]\nundo_seconds = true\n", "desk.toml:2: undo_seconds is a number, not true"),
        ("[desk]\nundo_seconds = -1\n", "desk.toml:2: undo_seconds cannot be negative"),
        ("[desk]\nundo_seconds = 1\nundo_seconds = 2\n", "desk.toml:3: this key or table stands here for the second"),
        ("[desk]\n[accounts.a]\n[accounts.a]\n", "desk.toml:3: this key or table stands here for the second"),
        ("[desk]\nundo_seconds = \n", "desk.toml:2: invalid value"),
        ('[promises]\nemail = "soon"\n', "desk.toml:2: 'soon' is no duration; write it like \"45s\""),
        (
            '[promises]\nfax = "8h"\n',
            "desk.toml:2: there is no setting promises.fax; known here: callback, chat, email",
        ),
        ('[accounts."a b"]\n', "desk.toml:1: account names are letters"),
        ('[accounts.shop]\npassword = "x"\n', "desk.toml:2: secrets are not kept here; delete password and use"),
        ('[accounts.shop]\nsmtp = { password = "x" }\n', "desk.toml:2: secrets are not kept here"),
        ('[accounts.shop]\npassword_cmd = "pass \'x"\n', "desk.toml:2: the quotes do not match"),
        ("[accounts.shop]\npassword_cmd = 1\n", "desk.toml:2: write a command as"),
        ("accounts.shop.address = 1\n", "desk.toml:1: address is a text in quotes"),
        ("desk = 1\n", "desk.toml:1: desk is a table; write [desk] above its keys"),
        ("[dialers.phone]\n", 'desk.toml:1: [dialers.phone] lacks its kind; write dialer = "launch"'),
        ("[dialers.phone]\ndialer = 1\n", "desk.toml:2: dialer is a text in quotes"),
        (
            '[dialers.phone]\ndialer = "asterisk"\npassword = "x"\n',
            "desk.toml:3: secrets are not kept here; delete password and use password_cmd, the keyring or the"
            " environment variable DESK_PASSWORD_DIALER_PHONE",
        ),
        ('[hours]\n\nmonday = "9-5"\n', "desk.toml:3: '9-5' is no period; write it like"),
        ('[hours]\nzone = "Mars"\n', "desk.toml:2: there is no time zone 'Mars'"),
        ('[hours]\nclosed = ["12-24", "Easter"]\n', "desk.toml:2: 'Easter' is no day"),
        ('[callbacks]\nslot = "10s"\n', "desk.toml:1: [callbacks]: slot is at least one minute"),
        ('[callbacks]\ncountry = "Germany"\n', "desk.toml:1: [callbacks]: 'Germany' is no country"),
        ('[missed.pbx]\naccount = "shop"\n', "desk.toml:1: [missed.pbx] fits every mail; write from ="),
    ],
)
def test_findings_name_line_and_remedy(text: str, finding: str) -> None:
    [only] = findings(text)
    assert only.startswith(finding)


def test_a_site_names_a_mailbox_that_is_there() -> None:
    site = '[accounts.shop]\nconnector = "webchat"\nkey = "shop"\nmail = "{}"\n'
    mailbox = '[accounts.support]\naddress = "help@shop.test"\n'
    assert findings(site.format("suport") + mailbox) == [
        "desk.toml:4: no account 'suport' sends mail; known are support"
    ]
    assert findings(site.format("shop")) == [
        "desk.toml:4: no account 'shop' sends mail; connect one with `desk connect email`"
    ]
    assert parse(site.format("support") + mailbox, Path("desk.toml")).accounts["shop"].options["mail"] == "support"


def test_hours_callbacks_and_missed_calls_are_read(tmp_path: Path) -> None:
    told = parse(
        '[hours]\nzone = "Europe/Berlin"\nmonday = "8:00-12:00, 13:00-17:30"\nfriday = ""\nclosed = ["12-25"]\n'
        '[callbacks]\ncountry = "de"\ncountries = ["DE", "at"]\nbusy = "1m"\nlines = 2\n'
        '[missed.pbx]\nfrom = "voicemail@*"\nwithin = "1h"\n',
        tmp_path / "desk.toml",
    )
    assert [len(day) for day in told.hours.week] == [2, 1, 1, 1, 0, 0, 0]
    assert (told.hours.zone, told.hours.closed) == ("Europe/Berlin", {"12-25"})
    assert (told.callbacks.country, told.callbacks.countries, told.callbacks.lines) == ("DE", ("DE", "AT"), 2)
    assert told.callbacks.again == {
        "no-answer": 1_800_000,
        "busy": 60_000,
        "unreachable": 1_800_000,
        "voicemail": 7_200_000,
    }
    assert told.missed["pbx"].within == 3_600_000


DIALERS = """\
[desk]
dialer = "office"

[reps.tom]
dialer = "desk-phone"

[dialers.desk-phone]
dialer = "baresip"
control = "127.0.0.1:4444"

[dialers.office]
dialer = "asterisk"
password_cmd = "pass show phone/asterisk"
phones = { mia = "PJSIP/100" }
"""


def test_each_rep_has_a_dialer() -> None:
    settings = parse(DIALERS, Path("desk.toml"))
    mine, toms = settings.dialer_of("mia"), settings.dialer_of("tom")
    assert mine is not None
    assert toms is not None
    assert (mine.name, mine.dialer, mine.options) == ("office", "asterisk", {"phones": {"mia": "PJSIP/100"}})
    assert (mine.account.name, mine.account.password_cmd) == (
        "dialer-office",
        Command(argv=("pass", "show", "phone/asterisk")),
    )
    assert (toms.name, toms.options) == ("desk-phone", {"control": "127.0.0.1:4444"})


def test_without_settings_the_desktop_dials() -> None:
    dialer = Settings().dialer_of("mia")
    assert dialer is not None
    assert (dialer.dialer, dialer.options) == ("launch", {})


def test_a_dialer_that_is_off_or_not_there_is_not_replaced_by_another() -> None:
    off = parse(DIALERS.replace('dialer = "asterisk"', 'dialer = "asterisk"\nenabled = false'), Path("desk.toml"))
    assert off.dialer_of("mia") is None
    assert parse('[desk]\ndialer = "other"\n', Path("desk.toml")).dialer_of("mia") is None


INVITING = """
[visitors]
trail_days = 7

[capacity]
at_once = 5

[invitations.checkout]
text = "Can we help?"
pages = ["/checkout*"]
cart = 100

[invitations.again]
text = "Welcome back"
returning = true
"""


def test_invitations_stand_in_the_order_of_the_file() -> None:
    found = parse(INVITING, Path("desk.toml"))
    assert (found.visitors.trail_days, found.visitors.keep_days, found.capacity.at_once) == (7, 30, 5)
    assert list(found.invitations) == ["checkout", "again"]
    rule = found.invitations["checkout"]
    assert (rule.name, rule.pages, rule.cart, rule.returning) == ("checkout", ("/checkout*",), 100, None)


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [
        ('text = ""', "desk.toml:9: an invitation has 1 to 300 characters"),
        ('texts = "Hallo"', "[invitations.checkout] cannot be understood"),
        ('text = "x"\nhours = "9-5"', "desk.toml:10: '9-5' are no hours"),
        ("seconds = 1", "lacks its words"),
        ('text = "x"\ncart = -1', "cart cannot be negative"),
        ('text = "x"\ncolour = "red"', "there is no setting invitations.checkout.colour"),
    ],
)
def test_a_wrong_invitation_is_told(wrong: str, finding: str) -> None:
    text = INVITING.replace('text = "Can we help?"\npages = ["/checkout*"]\ncart = 100', wrong)
    if wrong.startswith("texts"):
        text = text.replace("texts =", 'text = "x"\ntexts =')
    with pytest.raises(SettingsError) as caught:
        parse(text, Path("desk.toml"))
    assert finding in str(caught.value)


def test_all_findings_are_told_at_once() -> None:
    assert len(findings('[desk]\nundo_seconds = ""\nagnt = "x"\n[promises]\nemail = 8\n')) == 3


def test_a_secret_is_not_repeated_in_the_finding() -> None:
    assert "hunter2" not in findings('[accounts.shop]\npassword = "hunter2"\n')[0]


@pytest.mark.parametrize(
    ("text", "millis"),
    [("45s", 45 * SECOND), ("8h", 8 * HOUR), ("1h30m", 90 * MINUTE), ("90 min", 90 * MINUTE), ("1.5d", 36 * HOUR)],
)
def test_durations(text: str, millis: int) -> None:
    assert duration(text) == millis
    assert duration("1w") == 7 * DAY


@pytest.mark.parametrize("text", ["", "8", "h", "8 hours and a bit", "-1h"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        duration(text)


def test_writing_an_account_keeps_what_people_wrote(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text("# ours\n[desk]\nundo_seconds = 5 # short\n\n[accounts.old]\naddress = 'a@b.test' # the first\n")
    write_account(file, "support", "email", {"address": "help@shop.test", "imap": {"host": "h", "port": 993}})
    settings = write_account(file, "support", "email", {"name": "The Shop"})
    text = file.read_text()
    assert all(comment in text for comment in ("# ours", "# short", "# the first"))
    assert settings == load(file)
    assert settings.accounts["support"].options == {"imap": {"host": "h", "port": 993}}
    assert settings.accounts["support"].display_name == "The Shop"
    assert settings.accounts["old"].address == "a@b.test"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_writing_what_is_not_valid_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text("[desk]\n")
    with pytest.raises(SettingsError, match="secrets are not kept here"):
        write_account(file, "support", "email", {"password": "x"})
    assert file.read_text() == "[desk]\n"


def test_views_are_queries() -> None:
    settings = parse('[views]\nlate = "is:unread priority:urgent"\n', Path("desk.toml"))
    assert settings.views == {"late": "is:unread priority:urgent"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('late = "kettle is:unred"', "desk.toml:2: column 19: is: is never unred; did you mean is:unread?"),
        ("late = 3", "desk.toml:2: late is a query"),
        ('late = " "', "desk.toml:2: late is a query"),
        ('"no good" = "a"', "desk.toml:2: views are called"),
    ],
)
def test_a_wrong_view_is_told_by_line_and_column(line: str, said: str) -> None:
    [finding] = findings(f"[views]\n{line}\n")
    assert finding.startswith(said)


PEOPLE = """\
[capacity]
at_once = 4
[reps.mia]
role = "supervisor"
[reps.tom]
skills = ["Brakes"]
languages = ["de-AT", "en"]
queues = ["workshop"]
capacity = { chat = 2 }
[queues.Workshop]
skills = ["brakes"]
[queues."Sales & more"]
reps = ["mia"]
languages = ["de"]
channels = ["chat"]
open = false
push = "least-busy"
"""


def test_who_reps_are_and_which_queues_they_work_in() -> None:
    settings = parse(PEOPLE, Path("desk.toml"))
    mia, tom, zoe = (settings.staff_of(login) for login in ("mia", "tom", "zoe"))
    assert [each.role for each in (mia, tom, zoe)] == ["supervisor", "rep", "rep"]
    assert settings.staff_of("zoe", first=True).role == "admin"
    assert (tom.capacity, zoe.capacity) == (Capacity(at_once=4, chat=2), Capacity(at_once=4))
    workshop, sales, other = (settings.queue_rules(name) for name in ("WORKSHOP", "Sales & more", "Other"))
    assert [workshop.worked_by(each) for each in (mia, tom, zoe)] == [False, True, False]
    assert [sales.worked_by(each) for each in (mia, tom, zoe)] == [True, False, False]
    assert [other.worked_by(each) for each in (mia, tom, zoe)] == [True, False, True]
    assert (settings.queue_for("chat"), settings.queue_for("email")) == ("Sales & more", "")
    assert (sales.channels, sales.open, sales.push) == (("chat",), False, "least-busy")


def test_without_any_role_everybody_may_everything() -> None:
    assert Settings().staff_of("anybody").role == "admin"
    assert not parse('[reps.mia]\ntheme = "dark"', Path("desk.toml")).has_roles


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ('[reps.mia]\nrole = "boss"', "desk.toml:2: role is one of rep, supervisor, admin, not 'boss'"),
        ('[reps.mia]\nskills = "brakes"', 'desk.toml:2: skills is a list of names, such as ["one", "another"]'),
        ("[reps.mia]\ncapacity = { chats = 1 }", "desk.toml:2: there is no setting reps.mia.capacity.chats"),
        ("[reps.mia]\ncapacity = 3", "desk.toml:2: capacity is a table"),
        ('[queues.Sales]\nchannels = ["fax"]', "desk.toml:2: channels are some of email, chat, not 'fax'"),
        ("[queues.Sales]\naccept_seconds = 0", "desk.toml:2: accept_seconds is at least 1"),
        ('[queues.Sales]\ncalendar = "shop"', "desk.toml:2: there is no [calendars.shop]; there are: none"),
        ('[queues.Sales]\npush = "somebody"', "desk.toml:2: push is one of off, round-robin, least-busy"),
    ],
)
def test_what_is_wrong_of_people_is_told(text: str, finding: str) -> None:
    assert findings(text)[0].startswith(finding)
