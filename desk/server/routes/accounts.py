"""Connected accounts and their secrets."""

from __future__ import annotations

from typing import Any

from litestar import delete, get, post, put
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from msgspec import Struct

from desk.model import AccountStatus, Check
from desk.server.problems import BadRequest
from desk.server.routes.common import TheDesk
from desk.settings import NAME


class AccountBody(Struct, forbid_unknown_fields=True):
    name: str
    connector: str
    settings: dict[str, Any]
    """The account's table in `desk.toml`."""
    secret: str | None = None
    dry_run: bool = False

    def __repr__(self) -> str:
        return f"AccountBody({self.name!r}, {self.connector!r})"


class SecretBody(Struct, forbid_unknown_fields=True):
    secret: str

    def __repr__(self) -> str:
        return "SecretBody(…)"


@get("/accounts", sync_to_thread=False)
def accounts(desk: TheDesk) -> list[AccountStatus]:
    """How each connected account is doing."""
    return list(desk.hub.statuses())


@post("/accounts", status_code=HTTP_200_OK, may="connect")
async def connect_account(desk: TheDesk, data: AccountBody) -> list[Check]:
    """Try an account and, if nothing failed and it is no dry run, write it to `desk.toml` and start it."""
    if not NAME.fullmatch(data.name):
        raise BadRequest("bad-request", "name: letters, digits, '.', '-' and '_', at most 64")
    settings = {key: value for key, value in data.settings.items() if value is not None}
    return await desk.connect_account(data.name, data.connector, settings, data.secret, dry_run=data.dry_run)


@delete("/accounts/{name:str}", status_code=HTTP_200_OK, may="connect")
async def disconnect_account(desk: TheDesk, name: str) -> list[Check]:
    """Take an account out of `desk.toml`, and its secret out of the keyring; its conversations stay."""
    return await desk.disconnect_account(name)


@post("/accounts/{name:str}/secret", status_code=HTTP_204_NO_CONTENT, sync_to_thread=False, may="connect")
def provide_secret(desk: TheDesk, name: str, data: SecretBody) -> None:
    """Hand over a secret for this run of the server only."""
    desk.hub.provide_secret(name, data.secret)


@put("/accounts/{name:str}/secret", may="connect")
async def keep_secret(desk: TheDesk, name: str, data: SecretBody) -> Check:
    """Keep a secret in the keyring; where there is none, for this run of the server only, and the check says so."""
    return await desk.keep_secret(name, data.secret)


@post("/accounts/{name:str}/check", status_code=HTTP_200_OK, may="work")
async def check_account(desk: TheDesk, name: str) -> list[Check]:
    """Try a connected account. Takes as long as its mail server."""
    return await desk.check_account(name)


HANDLERS = [accounts, connect_account, disconnect_account, provide_secret, keep_secret, check_account]
