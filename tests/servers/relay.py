"""The program behind `SmtpRelay`: submission with AUTH, handing over to LMTP. Run as `relay.py DIRECTORY`.

`settings.json` in the directory names ports and is read once; `knobs.json` is read at every step, so a test can
change the server's mind while it runs; each mail it took is a line of `deliveries.jsonl`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import smtplib
import ssl
import sys
import time
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Relay:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.settings = json.loads((directory / "settings.json").read_text())

    def knob(self, name: str) -> Any:
        return json.loads((self.directory / "knobs.json").read_text()).get(name)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """Google's and Microsoft's way: a refusal is told in a challenge, which the client answers with nothing."""
        token = self.settings["token"]
        if token and bearer(base64.b64decode(args[1])) == token:
            return AuthResult(success=True, auth_data=b"xoauth2")
        await server.challenge_auth('{"status":"400","schemes":"Bearer"}')
        return AuthResult(success=False, handled=False)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]) -> str:
        if reply := (self.knob("rcpt_replies") or {}).get(address):
            return str(reply)
        if address.startswith("ghost"):
            return "550 5.1.1 no such user"
        if address.startswith("later"):
            return "451 4.7.1 greylisted, try again"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        drop, reply = self.knob("drop"), self.knob("data_reply")
        if delay := self.knob("delay"):
            await asyncio.sleep(delay)
        if reply:
            return str(reply)
        if drop == "before-accept":
            return _hang_up(server)
        content = bytes(envelope.content or b"")
        await asyncio.to_thread(self._deliver, envelope.mail_from or "", envelope.rcpt_tos, content)
        self._record(envelope, content)
        while self.knob("hold"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if drop == "after-accept":
            return _hang_up(server)
        if drop == "after-reply":
            await server.push("250 2.0.0 queued")
            return _hang_up(server)
        return "250 2.0.0 queued"

    def _deliver(self, sender: str, recipients: list[str], content: bytes) -> None:
        known = [address for address in recipients if address.endswith("@example.test")]
        if known:
            with smtplib.LMTP("127.0.0.1", self.settings["lmtp_port"], timeout=20) as lmtp:
                lmtp.sendmail(sender, known, content)

    def _record(self, envelope: Envelope, content: bytes) -> None:
        message_id = str(message_from_bytes(content).get("Message-ID", "")).strip().strip("<>")
        entry = {
            "at": time.time(),
            "message_id": message_id,
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "mail_options": envelope.mail_options,
            "content": content.decode("latin-1"),
        }
        with (self.directory / "deliveries.jsonl").open("a") as log:
            log.write(json.dumps(entry) + "\n")


def bearer(raw: bytes) -> str:
    """The token in an initial response of XOAUTH2."""
    return raw.decode().partition("auth=Bearer ")[2].rstrip("\1")


def _hang_up(server: SMTP) -> str:
    server.transport.close()
    return "250 nobody hears this"


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    welcome = isinstance(data, LoginPassword) and data.password == b"secret"
    return AuthResult(success=welcome, handled=welcome)


async def serve(directory: Path) -> None:
    relay = Relay(directory)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(directory / "cert.pem", directory / "key.pem")
    common: dict[str, Any] = {
        "authenticator": _authenticate,
        "auth_required": True,
        "data_size_limit": relay.settings["size_limit"],
        "enable_SMTPUTF8": relay.settings["smtputf8"],
        "hostname": "localhost",
    }
    loop = asyncio.get_running_loop()
    starttls = await loop.create_server(
        lambda: SMTP(relay, tls_context=context, require_starttls=True, auth_require_tls=True, loop=loop, **common),
        "127.0.0.1",
        relay.settings["port"],
    )
    tls = await loop.create_server(
        lambda: SMTP(relay, auth_require_tls=False, loop=loop, **common),
        "127.0.0.1",
        relay.settings["tls_port"],
        ssl=context,
    )
    async with starttls, tls:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
