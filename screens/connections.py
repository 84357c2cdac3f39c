"""The connected accounts, and what reps call by: how each is doing in words, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from desk.keymap import Context
from desk.model import AccountStatus, Check
from desk.model.dialing import DialerStatus
from desk.settings.places import join_path, split_path
from screens.confirm import Confirm
from screens.desk import Desk
from screens.listing import ListScreen, Spans
from screens.picker import result_of
from screens.render import fit, one_line, wrap
from screens.sheet import Sheet
from screens.times import stamp
from screens.widgets.bars import key_glyph
from screens.widgets.lines import BLANK, Line

INKS = {
    "connected": "good",
    "starting": "text",
    "paused": "dim",
    "retrying": "warn",
    "needs-secret": "alarm",
    "stopped": "bad",
    "ready": "good",
    "wrong": "bad",
}
GLYPHS = {"ok": ("✓", "good"), "warning": ("!", "warn"), "failed": ("✗", "bad")}


class Connection(Struct, frozen=True):
    """An account as it runs, or a dialer, and what the settings say of it."""

    status: AccountStatus
    shown_name: str
    queue: str
    enabled: bool
    """As desk.toml has it; the account itself takes a moment to go by that."""
    at: int
    """The minute it was looked at: the row's times are as of then."""
    dialer: DialerStatus | None = None
    """It is one: `status` has the name of its secret."""

    @property
    def table(self) -> tuple[str, str]:
        """Where it stands in desk.toml."""
        return ("accounts", self.status.name) if self.dialer is None else ("dialers", self.dialer.name)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.status.name if self.dialer is None else self.dialer.name

    @property
    def state(self) -> str:
        """In a word."""
        return self.status.state if self.dialer is None else self.dialer.state


class ConnectionsScreen(ListScreen[Connection]):
    """Live from the feed."""

    title_text = "connections — what mail comes and goes by, and what reps call by"
    default_context: Context = "connections"
    kinds = ("account", "setting", "ledger")

    def __init__(self, desk: Desk) -> None:
        key = key_glyph(desk.keymap.key("connect", "connections"))
        self.empty_text = f"no account is connected; {key} connects a mailbox"
        super().__init__(desk)
        self._trying = ""

    async def fetch(self) -> list[Connection]:
        values = {value.path: value.value for value in await self.desk.client.settings()}
        minute = self.desk.clock.now() // 60_000

        def said(account: str, key: str) -> str:
            return str(values.get(join_path(("accounts", account, key))) or "")

        accounts = [
            Connection(
                status=status,
                shown_name=said(status.name, "name"),
                queue=said(status.name, "queue"),
                enabled=values.get(join_path(("accounts", status.name, "enabled"))) is not False,
                at=minute,
            )
            for status in await self.desk.client.accounts()
        ]
        named = {split_path(path)[1] for path in values if path.startswith("dialers.")}
        dialers = await self.desk.client.dialers() if named else []
        return accounts + [_dialer(each, minute) for each in dialers if each.name in named]

    def spans(self, row: Connection, width: int) -> Spans:
        status = row.status
        name = max(12, width // 8)
        address = max(20, width // 4)
        rest = max(width - name - address - 30, 8)
        last = stamp(status.last_received_at, self.desk.clock.now()) if status.last_received_at else ""
        return (
            (fit(row.name, name - 1) + " ", "name"),
            (fit(status.address or status.url, address - 1) + " ", "text"),
            (fit(f" {row.state} ", 15), INKS.get(row.state, "text")),
            (fit(f" {last}", 15), "dim"),
            (fit(self._words(row), rest), "bad" if status.error else "dim"),
        )

    def _words(self, row: Connection) -> str:
        """What is wrong, or what there is to say of an account that is well."""
        if row.state == "needs-secret":
            key = key_glyph(self.desk.keymap.key("provide-secret", "connections"))
            return f"{key} gives its password" + (f": {row.status.error}" if row.status.error else "")
        if row.status.error:
            return row.status.error
        if row.dialer is not None:
            return f"calls by {row.dialer.dialer}" + (" · yours" if row.dialer.mine else "")
        told = [row.shown_name, f"into {row.queue}" if row.queue else "", f"by {row.status.connector}"]
        return " · ".join(one_line(each) for each in told if each)

    def can(self, action: str) -> bool:
        row = self.list.current
        if action == "signature":
            return row is not None and row.dialer is None
        if action in ("open", "test-account", "pause-account", "disconnect"):
            return row is not None
        return super().can(action)

    def word(self, action: object) -> str:
        row = self.list.current
        if getattr(action, "name", "") == "pause-account" and row is not None and not row.enabled:
            return "go on"
        return super().word(action)  # type: ignore[arg-type]

    # --- deeds --------------------------------------------------------------------------------------------

    def do_open(self) -> None:
        row = self.list.current
        if row is not None:
            from screens.settings import SettingsScreen

            self.app.push_screen(SettingsScreen(self.desk, join_path(row.table) + "."))

    async def do_test_account(self) -> None:
        row = self.list.current
        if row is None or self._trying:
            return
        self._trying = row.status.name
        self.desk.say(f"trying {row.name}…")
        try:
            checks = await self.desk.client.check_account(row.status.name)
        finally:
            self._trying = ""
        self.desk.hush()
        self.app.push_screen(Sheet(self.desk, f"{row.name} — what was found", lambda w: findings(checks, w)))

    def do_pause_account(self) -> None:
        row = self.list.current
        if row is not None:
            self.open_for_typing(self._pause(row, paused=row.enabled))

    async def _pause(self, row: Connection, *, paused: bool) -> None:
        await self.desk.client.set_setting(join_path((*row.table, "enabled")), not paused)
        await self.reload()
        rests = "its mail stays, nothing comes or goes" if row.dialer is None else "nobody calls by it"
        self.desk.say(f"{row.name} {f'is paused: {rests}' if paused else 'goes on'}", "good")
        self.release_keys()

    async def do_disconnect(self) -> None:
        row = self.list.current
        if row is None:
            return
        status, client = row.status, self.desk.client
        with self.unread():
            held = await client.outbox(["held", "failed", "unknown"])
        waiting = [each for each in held if each.account == status.name]
        sheet = Confirm(self.desk, f"Disconnect {row.name}?", lambda w: farewell(row, len(waiting), w))
        if not await result_of(self.app, sheet):
            return
        checks = await client.disconnect_account(status.name)
        told = "".join(f"; its password {each.message}" for each in checks if each.message)
        self.desk.say(f"{row.name} is disconnected{told}", "good")
        await self.reload()

    async def do_signature(self) -> None:
        row = self.list.current
        if row is None:
            return
        from screens.textbox import TextBox

        path = join_path(("accounts", row.status.name, "signature"))
        values = {value.path: value.value for value in await self.desk.client.settings()}

        def written_down(text: str | None) -> None:
            if text is not None:
                self.start(self._set(path, text))

        self.push_over(TextBox(self.desk, f"Signature of {row.status.name}", str(values.get(path) or "")), written_down)

    async def _set(self, path: str, value: str) -> None:
        await self.desk.client.set_setting(path, value)
        self.desk.say(f"{split_path(path)[-1]} is written down", "good")
        await self.reload()

    @property
    def account(self) -> str:
        """The account under the cursor."""
        return self.list.current.status.name if self.list.current is not None else ""


def _dialer(status: DialerStatus, minute: int) -> Connection:
    """A dialer as a row among accounts."""
    account = AccountStatus(name=status.account, connector=status.dialer, error=status.error)
    return Connection(account, "", "", status.state != "paused", minute, status)


def farewell(row: Connection, waiting: int, width: int) -> list[Line]:
    """What becomes of the things of an account or a dialer."""
    ends = (
        f"Nothing comes or goes by {row.status.address} any more. What came stays; it is answered by another account."
    )
    said = [
        ends if row.dialer is None else f"Nobody calls by {row.name} any more. What was called stays told.",
        f"[{join_path(row.table)}] is taken out of desk.toml, with the comments in it; its password is"
        " taken out of the keyring.",
        "To let it rest instead, pause it.",
    ]
    if waiting:
        many = f"{waiting:,} of its answers have not left; they stay in the outbox."
        said.insert(1, many if waiting > 1 else "One of its answers has not left; it stays in the outbox.")
    lines: list[Line] = [BLANK]
    for each in said:
        lines += [Line(((f"  {part}", "text"),)) for part in wrap(one_line(each), max(width - 4, 20))] + [BLANK]
    return lines


def findings(checks: Sequence[Check], width: int) -> list[Line]:
    """What a trial found, as lines."""
    lines: list[Line] = [BLANK]
    for check in checks:
        glyph, ink = GLYPHS[check.status]
        told = list(wrap(one_line(f"{check.what}: {check.message}"), max(width - 6, 20)))
        lines += [Line(((f"  {glyph if not n else ' '} ", ink), (part, "text"))) for n, part in enumerate(told)]
        if check.hint and check.status != "ok":
            lines += [
                Line((("    ", "text"), (part, "dim"))) for part in wrap(one_line(check.hint), max(width - 6, 20))
            ]
    return lines
