"""Trying a Twilio account, with findings in plain words."""

from __future__ import annotations

from connectors.base import Permanent, SendError
from connectors.dialing import web
from connectors.dialing.live import line
from connectors.dialing.twilio.api import Twilio
from connectors.dialing.twilio.settings import TwilioSettings
from desk.model import Check


async def check(twilio: Twilio, settings: TwilioSettings) -> list[Check]:
    """What was found out. Never raises."""
    found: list[Check] = []
    try:
        found.append(await _account(twilio))
        found.append(await _caller_id(twilio, settings.caller_id))
    except Permanent as error:
        found.append(_failed("login", str(error), "copy both from Twilio's console"))
    except SendError as error:
        found.append(_failed("login", str(error), "see that the Auth Token can be had"))
    except (web.Unsent, web.Unclear) as error:
        message = f"Twilio at {settings.url} does not answer ({error})"
        found.append(_failed("connection", message, "check that this machine is online, and url"))
    return found


def _failed(what: str, message: str, hint: str) -> Check:
    return Check(what=what, status="failed", message=message, hint=hint)


async def _account(twilio: Twilio) -> Check:
    """https://www.twilio.com/docs/iam/api/account: a suspended or closed account calls nobody."""
    response = await twilio.ask("GET", ".json")
    if response.status_code != 200:
        return _failed("login", f"Twilio: {web.said(response)}", "check account_sid and url")
    account = web.fields(response)
    name, status = line(str(account.get("friendly_name", ""))), line(str(account.get("status", "")))
    if status != "active":
        return _failed("login", f"the account {name} is {status}", "see to it in Twilio's console")
    trial = " (a trial: it calls verified numbers only)" if account.get("type") == "Trial" else ""
    return Check(what="login", status="ok", message=f"logged in to {name}{trial}")


async def _caller_id(twilio: Twilio, number: str) -> Check:
    """One of the account's numbers, or of those it has verified."""
    for kind, words in (("IncomingPhoneNumbers", "the account's own"), ("OutgoingCallerIds", "verified")):
        response = await twilio.ask("GET", f"/{kind}.json", params={"PhoneNumber": number, "PageSize": "1"})
        if response.status_code == 200 and web.rows(response, _listed(kind)):
            return Check(what="caller id", status="ok", message=f"customers see {number}, which is {words}")
    hint = "buy or verify it in Twilio's console, or correct caller_id"
    return _failed("caller id", f"{number} is neither the account's nor verified", hint)


def _listed(kind: str) -> str:
    return {"IncomingPhoneNumbers": "incoming_phone_numbers", "OutgoingCallerIds": "outgoing_caller_ids"}[kind]
