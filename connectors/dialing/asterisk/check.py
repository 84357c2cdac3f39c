"""Trying an Asterisk step by step, with findings in plain words."""

from __future__ import annotations

from connectors.base import Permanent, SendError
from connectors.dialing import web
from connectors.dialing.asterisk.ari import Ari
from connectors.dialing.asterisk.settings import AsteriskSettings
from connectors.dialing.live import line
from desk.model import Check


async def check(ari: Ari, settings: AsteriskSettings) -> list[Check]:
    """What was found out. Never raises."""
    found: list[Check] = []
    try:
        found.append(await _login(ari))
        found.append(await _endpoint(ari, "line", "/".join(settings.line), "endpoint"))
        for option, phone in settings.named_phones():
            found.append(await _endpoint(ari, "phone", phone, option))
    except Permanent as error:
        found.append(_failed("login", str(error), "look at ari.conf, and give the password anew"))
    except SendError as error:
        found.append(_failed("login", str(error), "see that the password can be had"))
    except (web.Unsent, web.Unclear) as error:
        hint = "check url, and that http.conf and ari.conf have enabled = yes"
        found.append(_failed("connection", f"{ari.where} does not answer ({error})", hint))
    return found


def _failed(what: str, message: str, hint: str) -> Check:
    return Check(what=what, status="failed", message=message, hint=hint)


async def _login(ari: Ari) -> Check:
    response = await ari.ask("GET", "/asterisk/info", only="system")
    if response.status_code != 200:
        return _failed("connection", f"{ari.where}: {web.said(response)}", "check url; it ends in /ari")
    system = web.fields(response).get("system")
    version = line(str(system.get("version", ""))) if isinstance(system, dict) else ""
    return Check(what="login", status="ok", message=f"{ari.where} lets us in (version {version or 'unknown'})")


async def _endpoint(ari: Ari, what: str, endpoint: str, option: str) -> Check:
    technology, _, name = endpoint.partition("/")
    response = await ari.ask("GET", f"/endpoints/{technology}/{name}")
    if response.status_code == 404:
        return _failed(what, f"Asterisk knows no {endpoint}", f"correct {option}, or add it to pjsip.conf")
    state = str(web.fields(response).get("state", "unknown"))
    if state == "offline":
        hint = "switch the phone on, or see why the line is not registered"
        return Check(what=what, status="warning", message=f"{endpoint} is offline", hint=hint)
    return Check(what=what, status="ok", message=f"{endpoint} is {'online' if state == 'online' else 'known'}")
