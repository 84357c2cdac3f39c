"""What can be set of dialers, in `[dialers.NAME]`."""

from __future__ import annotations

from msgspec.structs import replace

from desk.settings.field import Field
from desk.settings.field import define as _field

DIALERS = (
    _field("dialers.*.dialer", "choice", None, "which kind; others come as [plug-ins](calling.md#writing-a-dialer)",
           choices=("launch", "baresip", "asterisk", "twilio"), others=True),
    _field("dialers.*.enabled", "switch", True, "`false`: nobody calls by it"),
    _field("dialers.*.password_cmd", "command", None,
           'prints its secret on its first line, as for accounts: `"pass show phone/asterisk"`; else '
           "`DESK_PASSWORD_DIALER_NAME` or the keyring"),
)  # fmt: skip
_RING_SECONDS = _field("dialers.*.ring_seconds", "number", 45, "how long to let it ring", least=1, most=600)
_PHONES = (
    _field("dialers.*.phone", "text", "", "the phone that reps speak into who stand not in `phones`"),
    _field("dialers.*.phones", "toml", None, "each rep's own phone, by login"),
)


def _of(kind: str, *fields: Field) -> tuple[Field, ...]:
    return tuple(replace(each, connector=kind) for each in fields)


LAUNCH = _of(
    "launch",
    _field("dialers.*.command", "toml", None,
           'the program and its arguments, with `{number}` or `{uri}` in them: `["linphonec", "--call", "{uri}"]`',
           shown="the desktop's own for such links"),
    _field("dialers.*.link", "choice", "tel", "what `{uri}` is", choices=("tel", "sip")),
    _field("dialers.*.host", "text", "", "of a `sip` link: the provider's name"),
    _field("dialers.*.start_seconds", "number", 3, "a program that ends within this time with an error has failed",
           least=0, most=60),
)  # fmt: skip
BARESIP = _of(
    "baresip",
    _field("dialers.*.control", "text", "127.0.0.1:4444", "where baresip's control port listens (`ctrl_tcp_listen`)"),
    _field("dialers.*.uri", "text", "", "what is dialled, such as `sip:{number}@sip.example.com`",
           shown="the number alone"),
    _field("dialers.*.answer_seconds", "number", 10, "how long it may take to answer what Desk says to it",
           least=0.1, most=60),
    _RING_SECONDS,
)  # fmt: skip
ASTERISK = _of(
    "asterisk",
    _field("dialers.*.url", "text", "http://127.0.0.1:8088/ari", "where ARI answers"),
    _field("dialers.*.user", "text", None, "a user of `ari.conf` who may write; the secret is that user's password"),
    _field(
        "dialers.*.endpoint",
        "text",
        None,
        "how customers are called: `PJSIP/{number}@trunk`, or with `{digits}`, which has no plus sign",
    ),
    _field("dialers.*.app", "text", "desk", "the name under which Desk listens to events; no other program may use it"),
    *_PHONES,
    _field("dialers.*.caller_id", "text", "", "the number that customers see", shown="the line's"),
    _RING_SECONDS,
)
TWILIO = _of(
    "twilio",
    _field("dialers.*.account_sid", "text", None, "the account; the secret is its Auth Token"),
    _field("dialers.*.caller_id", "text", None, "the number that customers see: the account's, or one it verified"),
    *_PHONES,
    _RING_SECONDS,
    _field("dialers.*.poll_seconds", "number", 1, "how often to ask how a call stands", least=0.05, most=60),
    _field("dialers.*.status_url", "text", "",
           "https, told of changes by Twilio; Desk does not listen there yet", shown="Twilio is only asked"),
    _field("dialers.*.machine_detection", "switch", False, "let Twilio find out whether a machine answered"),
    _field("dialers.*.url", "text", "https://api.twilio.com", "another for other regions"),
)  # fmt: skip
