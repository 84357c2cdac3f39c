"""`desk connect email`: ask for what it takes, try it, say what failed, let it be changed, store it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

import click

from desk.accounts.mail import FIELDS, MailAccount, split_port, split_security
from desk.cli.asking import ask
from desk.cli.command import Desk, command
from desk.cli.failures import Failure
from desk.cli.output import Styled
from desk.model import Check

_STATUS_STYLES = {"ok": "green", "warning": "yellow", "failed": "red"}
SECURITY = click.Choice(["tls", "starttls", "none"])


@command("connect")
@click.argument("connector", type=click.Choice(["email"]))
@click.option("--name", help="The account's name in Desk. Default: the address's part before the @.")
@click.option("--address", help="The address customers write to.")
@click.option("--display-name", help="Whom customers see as the sender.")
@click.option("--imap", metavar="HOST[:PORT]", help="Where mail is received. Default: guessed from the address.")
@click.option("--imap-security", type=SECURITY, help="Default: tls, or starttls on port 143.")
@click.option("--smtp", metavar="HOST[:PORT]", help="Where mail is sent. Default: guessed from the address.")
@click.option("--smtp-security", type=SECURITY, help="Default: tls, or starttls on ports 25 and 587.")
@click.option("--user", help="The login at both servers. Default: the address.")
@click.option(
    "--ca-file", type=click.Path(exists=True, dir_okay=False), help="An authority to trust besides the usual."
)
@click.option("--folder", "folders", multiple=True, help="A folder to watch; may be repeated. Default: INBOX.")
@click.option("--after-store", metavar="WHAT", help="keep (default), seen or move:FOLDER: what becomes of stored mail.")
@click.option("--queue", help="The queue new conversations begin in.")
@click.option("--auth", type=click.Choice(["password", "xoauth2"]), help="xoauth2: the command prints an access token.")
@click.option("--password-cmd", metavar="COMMAND", help="A command that prints the password, such as: pass show shop")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--dry-run", is_flag=True, help="Try everything, write nothing.")
async def connect(desk: Desk, /, connector: str, password_stdin: bool, dry_run: bool, **given: Any) -> None:
    """Connect a mailbox.

    Asks for what is missing, tries it, and stores it only if all of it works: settings in desk.toml, the
    password in the keyring. In scripts give everything as options, and the password by --password-cmd,
    --password-stdin or the variable DESK_PASSWORD; never as an argument, where others could read it.
    """
    asking = sys.stdin.isatty() and not desk.as_json and not password_stdin
    account = MailAccount.of(given)
    if account.auth == "xoauth2" and not account.password_cmd:
        raise click.UsageError("access tokens last an hour: say which command prints one, with --password-cmd COMMAND")
    taken = {each.name: each.address for each in await desk.client.accounts()}
    if asking:
        _ask(desk, account, taken)
    elif not account.address:
        raise click.UsageError("say which mailbox: --address ADDRESS")
    account.complete(taken)
    secret = _given_secret(password_stdin)
    if secret is None and not account.password_cmd:
        if not asking:
            raise Failure(
                f"no password for {account.address}",
                code="no-secret",
                hint="Give --password-cmd or --password-stdin, or set DESK_PASSWORD.",
            )
        secret = _ask_secret(account)
    while True:
        checks = await _try(desk, account, connector, secret, dry_run=dry_run)
        failed = [check for check in checks if check.status == "failed"]
        if not (failed and asking):
            break
        secret = _change(desk, account, secret)
    _tell(desk, account, checks, failed, dry_run=dry_run)


async def _try(desk: Desk, account: MailAccount, connector: str, secret: str | None, *, dry_run: bool) -> list[Check]:
    desk.errors.status(f"trying {account.address} …")
    try:
        checks = await desk.client.connect_account(account.name, connector, account.table(), secret, dry_run=dry_run)
    finally:
        desk.errors.status("")
    if not desk.as_json:
        write_checks(desk, checks)
    return checks


def write_checks(desk: Desk, checks: list[Check]) -> None:
    """Each finding on a line, what to do beneath it."""
    for check in checks:
        mark = Styled(f"{check.status:<8}", _STATUS_STYLES[check.status])
        desk.out.line(mark, f"{check.what}: {check.message}")
        if check.hint and check.status != "ok":
            desk.out.line(" " * 8, Styled(f"→ {check.hint}", "dim"))


def _tell(desk: Desk, account: MailAccount, checks: list[Check], failed: list[Check], *, dry_run: bool) -> None:
    connected = not failed and not dry_run
    if desk.as_json:
        desk.out.json({"name": account.name, "connected": connected, "checks": checks})
    if failed:
        raise Failure(
            f"{account.address} is not connected: {failed[0].what}: {failed[0].message}",
            code="checks-failed",
            hint=failed[0].hint,
        )
    if not desk.as_json:
        done = (
            f"connected as {account.name}; mail arrives from now on" if connected else "all well; nothing was written"
        )
        desk.out.line(Styled(done, "green"))


def _given_secret(from_stdin: bool) -> str | None:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n") or None
    return os.environ.get("DESK_PASSWORD") or None


def _ask_secret(account: MailAccount) -> str:
    return ask(f"Password of {account.user or account.address} (not shown)", hide_input=True)


def _ask(desk: Desk, account: MailAccount, taken: Mapping[str, str]) -> None:
    if not account.address:
        desk.errors.line("Nothing is written until all of it works. Enter takes what stands in brackets.")
        account.address = ask("Address customers write to", value_proc=_address)
    if not account.display_name:
        account.display_name = ask("Name customers see", default=account.address.partition("@")[2])
    account.complete(taken)
    for label in ("imap", "smtp"):
        shown = getattr(account, label)
        setattr(account, label, ask(f"{label.upper()} server", default=shown, value_proc=_host))


def _change(desk: Desk, account: MailAccount, secret: str | None) -> str | None:
    """Let one value be changed, or none to try again; returns the secret to go on with. Aborts on `q`."""
    names = dict(FIELDS)
    desk.errors.line()
    for name, label in FIELDS:
        desk.errors.line(f"  {name:<14} {getattr(account, name) or Styled('-', 'dim').text}  ", Styled(label, "dim"))
    while True:
        answer = ask(
            "Change which? (password, one of the above, Enter to try again, q to give up)",
            default="",
            show_default=False,
        ).strip()
        if answer == "q":
            raise click.Abort
        if not answer:
            return secret
        if answer == "password":
            return _ask_secret(account)
        if answer in names:
            setattr(account, answer, ask(names[answer], default=getattr(account, answer) or ""))
            return secret
        desk.errors.line(f"there is no {answer!r} here")


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text.strip()):
        raise click.BadParameter(f"{text!r} is no mail address")
    return text.strip()


def _host(text: str) -> str:
    try:
        split_port(split_security(text)[0])
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return text.strip()
