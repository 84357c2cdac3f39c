"""Every setting once: its name, what it may be, what it is by default, what it is for.

The reader, the settings screen, `desk config` and docs/configuration.md all go by these tables. In a name, `*` stands
for what people choose: `accounts.*.signature`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from desk.settings.alerting import ALERTS
from desk.settings.calling import CALLBACKS, HOURS, MISSED
from desk.settings.dialing import ASTERISK, BARESIP, DIALERS, LAUNCH, TWILIO
from desk.settings.field import Field
from desk.settings.field import define as _field
from desk.settings.promising import CALENDARS, POLICIES
from desk.settings.routing import AUTOMATIONS, LEARNING, MAILING, RULES
from desk.settings.staffing import QUEUES, REP_CAPACITY, ROSTER, SHIFTS, STAFF
from desk.settings.visiting import CAPACITY, INVITATIONS, VISITORS

THEMES = ("dark", "light", "contrast", "mono", "ansi")
FIRST_DIALER = "the first of them; without any, the desktop's program for tel: links"
_NOTICED = ("off", "mentions", "mine", "all")

COMFORT = (
    _field("desk.theme", "choice", "",
           "the colours: dark, light, contrast (AAA), mono (none at all), ansi (the terminal's own sixteen), or a "
           "theme of Textual's, such as nord",
           choices=THEMES, others=True, shown="what the terminal can show"),
    _field("desk.linear", "switch", False,
           "instead of screens, lines that follow each other, for screen readers and braille; see "
           "[accessibility](accessibility.md)",
           effect="new terminals"),
    _field("desk.advance", "choice", "next",
           "where the cursor goes after a deed that takes a conversation away: to the next, the previous, back to the "
           "list, or nowhere", choices=("next", "previous", "list", "stay")),
    _field("desk.title", "switch", True, "how much is unread, and where you are named, in the terminal's title"),
    _field("desk.bell", "choice", "off",
           "ring the terminal's bell: mentions (a colleague named you), mine (also mail in what is yours), all (also "
           "new conversations of nobody)", choices=_NOTICED),
    _field("desk.notices", "choice", "off", "a notice of the desktop, for the same; in Desk's own words",
           choices=_NOTICED),
    _field("desk.notice_form", "choice", "osc9",
           "how the terminal is asked for it: osc9 (iTerm2, WezTerm, Windows Terminal, Ghostty) or osc777 (urxvt, "
           "foot, VTE)", choices=("osc9", "osc777")),
    _field("desk.notice_names", "switch", False, "the customer's name in the notice"),
    _field("desk.quiet", "switch", False, "begin quiet: no bell, no notice, no counts in the title; :quiet turns it"),
)  # fmt: skip
"""What each rep may have otherwise, in `[reps.LOGIN]`."""
DESK = (
    _field("desk.undo_seconds", "number", 10,
           "how long an answer can be taken back before it leaves; 0 sends at once", least=0),
    _field("desk.agent", "text", "", "the rep's login", shown="your user name", effect="new terminals"),
    _field("desk.agent_name", "text", "", "the rep's name as customers and other reps read it",
           shown="the login"),
    _field("desk.dialer", "text", "", "by which of `[dialers]` reps call", shown=FIRST_DIALER),
    _field("desk.upload_mb", "number", 25,
           "the largest attachment a rep may add, in megabytes (10⁶ bytes)", least=0),
    _field("desk.figures_days", "number", 800,
           "how long what happened is kept, from which the live queue and [reports](metrics.md) are counted", least=8),
    _field("desk.value_tags", "names", [],
           'tags whose conversations go [before others](inbox.md#the-order-of-work) as urgent, the most valued '
           'first: `["vip", "wholesale"]`'),
    *COMFORT,
)  # fmt: skip
REPS = (
    _field("reps.*.name", "text", "", "the rep's name as customers and other reps read it", shown="the login"),
    _field("reps.*.dialer", "text", "", "by which of `[dialers]` they call", shown="as [desk] says"),
    *(replace(field, path=f"reps.*.{field.name}", shown="as [desk] says") for field in COMFORT),
    *STAFF,
)
ACCOUNTS = (
    _field("accounts.*.connector", "text", "email",
           "which kind: `email`, `maildir`, `webchat`; others come as [plug-ins](connectors.md)"),
    _field("accounts.*.address", "text", "", "the address customers write to, and that answers come from"),
    _field("accounts.*.name", "text", "", "whom customers see as the sender"),
    _field("accounts.*.signature", "lines", "", "appended to every answer, below a `-- ` line"),
    _field("accounts.*.queue", "text", "", "the queue in which new conversations of this account begin"),
    _field("accounts.*.enabled", "switch", True, "`false` keeps the account's mail but neither receives nor sends"),
    _field("accounts.*.password_cmd", "command", None,
           'prints the password on its first line: `"pass show mail/help"`, a list of arguments, or `{ shell = "…" }`'),
)  # fmt: skip
_PLUS = "put our token into the reply address too (`help+desk.…@`); the mail system must deliver such addresses"
_AUTO = "the automatic answer to the first mail of a conversation; none is sent without it, and RFC 3834 is obeyed"
EMAIL = tuple(
    replace(each, connector="email")
    for each in (
        _field("accounts.*.imap", "toml", None,
               "where mail is received: `{ host, port, security, user, ca_file, folders }`, or just the host"),
        _field("accounts.*.smtp", "toml", None,
               "where mail is sent: `{ host, port, security, user, ca_file }`, or just the host"),
        _field("accounts.*.auth", "choice", "password",
               "what the secret is: a `password`, or with `xoauth2` an access token, which `password_cmd` prints each "
               "time anew", choices=("password", "xoauth2")),
        _field("accounts.*.after_store", "choice", "keep",
               "what becomes of mail on the server once it is stored: `keep`, `seen` or `move:FOLDER`",
               choices=("keep", "seen"), others=True),
        _field("accounts.*.since_days", "number", 0,
               "how many days back the first look into a folder reaches; 0: to its beginning", least=0),
        _field("accounts.*.poll_seconds", "number", 30,
               "how often to look on servers without IDLE (RFC 2177)", least=1),
        _field("accounts.*.sent_folder", "text", "auto",
               "where copies of answers go: a folder, `auto` for the one the server marks as such, empty for none"),
        _field("accounts.*.sent_copy", "choice", "desk",
               "who files them there; `server` for those that file whatever passes their SMTP (Gmail, Outlook)",
               choices=("desk", "server")),
        _field("accounts.*.plus_token", "switch", False, _PLUS),
        _field("accounts.*.auto_reply", "lines", "", _AUTO),
    )
)  # fmt: skip
SERVERS = tuple(
    replace(each, connector="email")
    for each in (
        _field("accounts.*.imap.host", "text", None, "the server's name, as it stands in its certificate"),
        _field("accounts.*.imap.port", "number", None,
               "993 or 143 for IMAP, 465 or 587 for SMTP", shown="the usual one"),
        _field("accounts.*.imap.security", "choice", "tls",
               "`tls` from the first byte, `starttls` upgraded before anything else is said, `none` only to this very "
               "machine", choices=("tls", "starttls", "none")),
        _field("accounts.*.imap.user", "text", "", "the login", shown="the address"),
        _field("accounts.*.imap.auth", "choice", "", "what the secret is for this server", shown="the account's",
               choices=("password", "xoauth2")),
        _field("accounts.*.imap.ca_file", "text", "", "a PEM file with an authority to trust beside the system's own"),
        _field("accounts.*.imap.folders", "toml", ["INBOX"],
               "`imap` only: the folders to watch, each on a connection of its own; name the Sent folder too, and "
               "answers from other programs are shown"),
    )
)  # fmt: skip
"""Within `imap`; `smtp` has the same, but no folders."""
MAILDIR = tuple(
    replace(each, connector="maildir")
    for each in (
        _field("accounts.*.incoming", "text", None,
               "the Maildir mail is received from; relative paths start at the workspace"),
        _field("accounts.*.outgoing", "text", None,
               "the Maildir answers are written into, each whole and once, in a file named after its Message-ID"),
        _field("accounts.*.after_store", "choice", "keep",
               "what becomes of a received file once it is stored: `keep`, or `seen`, which moves it to `cur` with the "
               "flag S", choices=("keep", "seen")),
        _field("accounts.*.poll_seconds", "number", 0.5, "how often to look", least=0.05),
        _field("accounts.*.collected", "switch", False,
               "another program takes answers away from `outgoing`: a missing one may then have been sent"),
        _field("accounts.*.plus_token", "switch", False, _PLUS),
        _field("accounts.*.auto_reply", "lines", "", _AUTO),
    )
)  # fmt: skip
WEBCHAT = tuple(
    replace(each, connector="webchat")
    for each in (
        _field("accounts.*.key", "text", None, "the site's name, which the page gives in `data-site`"),
        _field("accounts.*.origins", "toml", [],
               'the pages that may show the chat: `["https://shop.example.com"]`'),
        _field("accounts.*.host", "text", "127.0.0.1", "the address of this machine the site listens on"),
        _field("accounts.*.port", "number", 8765, "its port; 0: any that is free", least=0, most=65_535),
        _field("accounts.*.url", "text", "", "how browsers reach it, if a proxy stands before it",
               shown="by host and port"),
        _field("accounts.*.proxies", "toml", [],
               "addresses of proxies whose word on who asks (X-Forwarded-For) is taken"),
        _field("accounts.*.colour", "text", "#2f5d8a", "of the bubble, and of what visitors say"),
        _field("accounts.*.ink", "text", "#ffffff", "of what is written on it"),
        _field("accounts.*.trail", "choice", "off",
               "whether reps see [where visitors are](visitors.md): `off`, `ask` (only who says yes), `on`; never who "
               "sends Do Not Track or Global Privacy Control", choices=("off", "ask", "on")),
        _field("accounts.*.mail", "text", "",
               "the account whose mail goes on with chats whose visitor left and gave an address; empty: none does"),
        _field("accounts.*.preview", "switch", False,
               "reps see what visitors type before they send it; the chat then tells visitors so"),
        _field("accounts.*.ask", "toml", [],
               "what visitors are asked before their first words: [fields](chat.md#asked-before-a-chat)"),
        _field("accounts.*.files", "toml", ["png", "jpeg", "gif", "webp", "avif", "heic", "pdf", "text"],
               "the kinds of [files](chat.md#files) that visitors may send, by content; none: they may send none"),
        _field("accounts.*.files_mb", "number", 10, "what one of them may have, in millions of bytes",
               least=0.1, most=100),
        _field("accounts.*.callbacks", "choice", "away",
               "when visitors may ask to be [called](calling.md#callbacks): while nobody is there, always, or `off`",
               choices=("away", "always", "off")),
        _field("accounts.*.demo", "switch", False,
               "serve a page of a shop that does not exist, with the chat on it, to try it; on this machine only"),
    )
)  # fmt: skip
PROMISES = tuple(
    _field(f"promises.{channel}", "duration", default, f"how long a customer waits for an answer {how} at most")
    for channel, default, how in (("email", "8h", "by mail"), ("chat", "1m", "in a chat"),
                                  ("callback", None, "when we should call back"))
)  # fmt: skip
ARTICLES = (
    _field("articles.folder", "text", "articles",
           "where the [help articles](articles.md) lie: Markdown files; a relative path starts at the workspace"),
    _field("articles.remote_pictures", "switch", False, "articles may show pictures from elsewhere, over https"),
    _field("articles.keep_days", "number", 90,
           "how long it is kept what visitors asked; counts and what was learned from many stay", least=1),
)  # fmt: skip
VIEWS = (_field("views.*", "query", None, "a saved search that stands among the views"),)
MACROS = (
    _field("macros.*.steps", "steps", None,
           'what is done, such as `["reply ::late", "tag +late", "snooze 3d"]`; '
           "[all steps](answers.md#steps-and-macros)"),
    _field("macros.*.help", "text", "", "what it is for, in a line"),
)  # fmt: skip
LOOKUP = (
    _field("lookup.*.url", "text", None,
           "what is asked (GET): `{customer.id}`, `.email`, `.phone`, `.name`, `.language`, `.zone` or "
           "`.attribute.NAME` stand for the customer's, safely encoded; `{customer.phone|none}` for one that may be "
           "missing"),
    _field("lookup.*.headers", "toml", None, "sent along; `{secret}` in one is the secret"),
    _field("lookup.*.secret_cmd", "command", None,
           "prints the secret, as `password_cmd` does; else `DESK_PASSWORD_LOOKUP_NAME` or the keyring"),
    _field("lookup.*.timeout_seconds", "number", 5, "how long an answer may take, all together", least=0, most=86_400),
    _field("lookup.*.cache_seconds", "number", 60, "how long an answer is good for", least=0, most=86_400),
    _field("lookup.*.show", "toml", None,
           "the rows: `label` and `value` with paths into the JSON such as `{orders[0].status}`; with `each`, one row "
           "for every item of that list"),
)  # fmt: skip
KEYS = (_field("keys.*", "keys", None, "the key of an action, or several"),)
PLACES = (_field("keys.*.*", "keys", None, "the key of an action in one place"),)

FIELDS: tuple[Field, ...] = (
    *DESK, *REPS, *REP_CAPACITY, *QUEUES, *SHIFTS, *ROSTER, *ACCOUNTS, *EMAIL, *SERVERS,
    *(replace(each, path=each.path.replace(".imap.", ".smtp.")) for each in SERVERS if each.name != "folders"),
    *MAILDIR, *WEBCHAT, *DIALERS, *LAUNCH, *BARESIP, *ASTERISK, *TWILIO,
    *PROMISES, *CALENDARS, *POLICIES, *HOURS, *CALLBACKS, *MISSED, *ARTICLES, *VISITORS, *INVITATIONS, *CAPACITY,
    *VIEWS, *MACROS, *RULES, *AUTOMATIONS, *MAILING, *ALERTS, *LEARNING, *LOOKUP, *KEYS, *PLACES,
)  # fmt: skip
"""All of them."""

TABLES: Mapping[str, Sequence[Field]] = {
    "desk": DESK, "reps": REPS, "queues": QUEUES, "shifts": SHIFTS, "roster": ROSTER,
    "accounts": ACCOUNTS, "dialers": DIALERS, "promises": PROMISES,
    "calendars": CALENDARS, "policies": POLICIES,
    "keys": KEYS,
    "macros": MACROS, "rules": RULES, "automations": AUTOMATIONS, "mailing": MAILING, "alerts": ALERTS,
    "learning": LEARNING, "views": VIEWS, "lookup": LOOKUP, "articles": ARTICLES, "visitors": VISITORS,
    "hours": HOURS, "callbacks": CALLBACKS, "missed": MISSED,
    "invitations": INVITATIONS, "capacity": CAPACITY,
}  # fmt: skip
"""What `desk.toml` may hold."""

KIND_OF: Mapping[str, tuple[str, str]] = {"accounts": ("connector", "email"), "dialers": ("dialer", "")}
"""The tables of things of several kinds: the key that says which, and what it is where none stands."""


def named(fields: Sequence[Field]) -> dict[str, Field]:
    """Fields of one table by their key."""
    return {field.name: field for field in fields}


def field_at(parts: Sequence[str], connector: str = "") -> Field | None:
    """The field of a setting's name; None if there is none that Desk knows. `connector`: the kind of its account."""
    return next((field for field in FIELDS if fits(field, parts, connector)), None)


def fits(field: Field, parts: Sequence[str], connector: str = "") -> bool:
    """Whether a name is one of the field's."""
    pattern = field.parts
    return (
        len(pattern) == len(parts)
        and field.connector in ("", connector)
        and all(one in ("*", other) for one, other in zip(pattern, parts, strict=True))
    )


def inside(parts: Sequence[str], connector: str) -> Iterator[Field]:
    """The fields of the table that a name of `parts` and a key would be in, for accounts of that kind."""
    for field in FIELDS:
        if len(field.parts) == len(parts) + 1 and field.connector in ("", connector):
            pattern = field.parts[:-1]
            if all(one in ("*", other) for one, other in zip(pattern, parts, strict=True)):
                yield field
