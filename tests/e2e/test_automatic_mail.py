"""Mail of an automation on its whole way: real mailboxes, a real mail server, the site it is refused on."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.cli.program import Program
from tests.servers.common import eventually, free_port
from tests.servers.desk import DeskServer, email_account, password
from tests.servers.dovecot import Dovecot
from tests.servers.mailbox import Mail
from tests.servers.smtp import SmtpRelay

SETTINGS = """
[accounts.site]
connector = "webchat"
key = "larkspur"
origins = ["https://shop.example"]
url = "https://chat.shop.example"
port = {port}
mail = "support"

[automations.hello]
on = "created"
after = "1s"
text = "Hello {{customer.first_name|there}}, we have your question: {{unsubscribe}}"

[mailing]
per_customer = 5
"""


def question(sender: str, to: str, subject: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Ada Byron <{sender}>", to, subject
    mail["Message-ID"] = f"<{subject.replace(' ', '-')}.{sender}>"
    mail.set_content("Where is it?")
    return mail.as_bytes()


def links(mail: Mail) -> list[str]:
    """Where it is refused, as a mail program finds it."""
    from email import message_from_bytes

    parsed = message_from_bytes(mail.raw, policy=default)
    assert str(parsed["Auto-Submitted"]) == "auto-generated"
    assert str(parsed["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    found = [each.strip(" <>\r\n") for each in str(parsed["List-Unsubscribe"]).split(",")]
    body = parsed.get_body(("plain",))
    assert body is not None
    assert f"Hello Ada, we have your question: {found[0]}" in body.get_content()
    return found


def test_it_is_sent_refused_by_one_click_or_by_mail_and_never_sent_again(
    new_desk: Callable[..., DeskServer], own_dovecot: Dovecot, own_smtp: SmtpRelay
) -> None:
    support, ada, bob = (own_dovecot.unique_user(each) for each in ("support", "ada", "bob"))
    port = free_port()
    settings = SETTINGS.format(port=port) + email_account("support", support, own_dovecot, own_smtp)
    server = new_desk(settings, environment=password("support")).start()
    desk = Program(server.home)

    def conversations() -> int:
        return int(desk.ok("list", "--json").json()["total"])

    for who in (ada, bob):
        own_dovecot.deliver(question(who, support, "My order"), support, sender=who)
    eventually(lambda: conversations() == 2, what="both questions")
    server.restart()  # it looks at once
    [to_ada], [to_bob] = (own_dovecot.mailbox(who).wait() for who in (ada, bob))

    https, mailto = (urlsplit(each) for each in links(to_ada))
    assert (https.scheme, https.netloc, mailto.path) == ("https", "chat.shop.example", support)
    page = f"http://127.0.0.1:{port}{https.path}"
    shown = httpx.get(page, trust_env=False)
    assert (shown.status_code, "Send me no more of it" in shown.text, ada in shown.text) == (200, True, False)
    assert desk.ok("refusals", "list", "--json").json() == [], "looking changes nothing"
    clicked = httpx.post(page, data={"List-Unsubscribe": "One-Click"}, trust_env=False)
    assert (clicked.status_code, "gets no more automatic mail" in clicked.text) == (200, True)

    stop = EmailMessage()
    asked = urlsplit(links(to_bob)[1])
    stop["From"], stop["To"], stop["Subject"] = bob, asked.path, parse_qs(asked.query)["subject"][0]
    stop.set_content("")
    own_dovecot.deliver(stop.as_bytes(), support, sender=bob)
    eventually(lambda: len(desk.ok("refusals", "list", "--json").json()) == 2, what="both refusals")
    said = {each["address"]: each["source"] for each in desk.ok("refusals", "list", "--json").json()}
    assert said == {ada: "one-click", bob: "mail"}
    assert conversations() == 2, "that was no conversation"
    assert desk.ok("ledger", "--outcome", "refusal", "--json").json()

    for who in (ada, bob):
        own_dovecot.deliver(question(who, support, "Another matter"), support, sender=who)
    eventually(lambda: conversations() == 4, what="the next questions")
    server.restart()
    eventually(lambda: len(desk.ok("automations", "mails", "--state", "dropped", "--json").json()) == 2)
    dropped = desk.ok("automations", "mails", "--state", "dropped").out
    assert dropped.count("wants no automatic mail") == 2
    assert len(own_smtp.deliveries()) == 2
    assert "2 sent, 2 not sent" in desk.ok("automations", "list").out.replace(
        "2 not sent, 2 sent", "2 sent, 2 not sent"
    )
    desk.ok("refusals", "clear", ada)
    assert [each["address"] for each in desk.ok("refusals", "list", "--json").json()] == [bob]
