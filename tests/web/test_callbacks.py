"""Callbacks over HTTP: what the panel asks, and the page behind the link that only its owner has."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest

from connectors.webchat import assets
from connectors.webchat.callbacks import words
from connectors.webchat.wording import said_in
from desk.clock import HOUR, MINUTE
from desk.model import Callback
from tests.servers.desk import DeskServer
from tests.web.visitors import SITE, Browser, address_of, browser

ALWAYS = "[hours]\nzone = 'UTC'\n" + "".join(
    f"{day} = '0:00-24:00'\n" for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
)
CALLS = f"{SITE}\n{ALWAYS}\n[callbacks]\ncountry = 'DE'\nper_slot = 1\ndays = 1\n"
NUMBER = "030 123456"


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(CALLS).start()


async def promised(ada: Browser, **more: object) -> dict[str, Any]:
    return dict(await ada.done("callback", {"number": NUMBER, "reason": "my order", **more}))


async def callbacks(server: DeskServer) -> list[Callback]:
    async with server.client() as client:
        return list(await client.callbacks())


def page_of(ada: Browser, told: dict[str, Any]) -> str:
    return f"{ada.url}/larkspur/callback/{told['token']}"


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False)


def post(url: str, origin: str | None, *, language: str = "en", **form: str) -> httpx.Response:
    headers = {"Accept-Language": language, **({"Origin": origin} if origin else {})}
    return httpx.post(url, data=form, headers=headers, trust_env=False)


async def test_a_call_is_asked_for_seen_moved_and_cancelled(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        offered = await ada.done("callback-form", {"language": "de-AT"})
        form, said = offered["form"], offered["words"]
        assert (form["country"], form["place"], said["title"]) == ("DE", 1, "Wir rufen Sie zurück")
        assert ["AT", 43] in form["countries"]
        assert form["slots"][0]["end"] - form["slots"][0]["start"] == 30 * MINUTE
        told = await promised(ada, at=form["slots"][2]["start"])
        assert (told["number"], told["state"], told["at"]) == ("+49 30 123456", "waiting", form["slots"][2]["start"])
        [kept] = await callbacks(server)
        assert (kept.number, kept.reason, kept.due_at) == ("+4930123456", "my order", told["at"])
        assert (await ada.done("callback-form"))["form"]["mine"] == [told]

        page = page_of(ada, told)
        shown = get(page, **{"Accept-Language": "fr-CH, de;q=0.5"})
        assert shown.status_code == 200
        assert "Votre rappel" in shown.text
        assert "my order" in shown.text
        assert shown.headers["Cache-Control"] == "no-store"
        assert "script-src" not in shown.headers["Content-Security-Policy"]
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
        assert "<script" not in shown.text

        moved = post(page, ada.url, do="move", at=str(form["slots"][4]["start"]))
        assert (moved.status_code, moved.headers["Location"].endswith("?told=moved")) == (303, True)
        assert [each.due_at for each in await callbacks(server)] == [form["slots"][4]["start"]]
        assert post(page, ada.url, do="move", at="soon").status_code == 303
        [kept] = await callbacks(server)
        assert (kept.until, kept.due_at < form["slots"][1]["start"] + HOUR) == (None, True)

        assert post(page, ada.url, do="cancel").status_code == 303
        assert await callbacks(server) == []
        assert "has been cancelled" in get(page).text
        assert post(page, ada.url, do="move", at="soon").headers["Location"].endswith("?told=settled")


MAILED = CALLS.replace("port = 0", 'port = 0\nmail = "support"', 1)


async def test_who_gave_an_address_has_the_link_by_mail(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(MAILED).start()
    async with browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        await promised(ada, number="030 123455")
        assert [each for each in await client.outbox() if each.account == "support"] == [], "no address, no mail"
        await ada.done("me", {"name": "Ada", "email": "ada@x.example"})
        told = await promised(ada, reason="<b>Buy</b> https://evil.example", language="de", zone="Europe/Berlin")
        [item] = [each for each in await client.outbox() if each.account == "support"]
        [mail] = [each for each in await client.messages(item.conversation_id) if each.id == item.message_id]
        assert ([each.email for each in mail.to], mail.kind) == (["ada@x.example"], "auto")
        assert mail.subject == "Ihr Rückruf von Larkspur Cycles"
        assert "evil.example" not in mail.body
        link = next(line for line in mail.body.split("\n") if line.startswith("http"))
        assert link == f"{page_of(ada, told)}?zone=Europe%2FBerlin"
        slot = (await ada.done("callback-form"))["form"]["slots"][7]["start"]
        assert post(link, ada.url, language="de", do="move", at=str(slot)).status_code == 303
        newest = max((each for each in await client.outbox() if each.account == "support"), key=lambda each: each.id)
        [again] = [each for each in await client.messages(newest.conversation_id) if each.id == newest.message_id]
        at = datetime.fromtimestamp(slot / 1000, ZoneInfo("Europe/Berlin"))
        assert (again.subject, link in again.body) == (mail.subject, True)
        assert f"{at:%H:%M}" in again.body.split("\n")[0]
        assert post(link, ada.url, do="cancel").status_code == 303
        assert len(await client.callbacks()) == 1
        for last in "234":
            await promised(ada, number=f"030 12345{last}")
        assert len([each for each in await client.outbox() if each.account == "support"]) == 3, "a few a day"


async def test_once_called_the_page_says_so(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        told = await promised(ada)
        [kept] = await client.callbacks()
        await client.say_outcome(kept.id, "no-answer", reference="")
        assert "could not reach you. We will try again" in get(page_of(ada, told)).text
        await client.say_outcome(kept.id, "reached", reference="")
        shown = get(page_of(ada, told)).text
        assert "we have spoken with you" in shown
        assert "<form" not in shown


async def test_each_visitor_asks_once_for_a_number_and_in_one_place(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as ada, browser(url) as ben:
        await ada.visit()
        await ben.visit()
        slot = (await ada.done("callback-form"))["form"]["slots"][3]
        await promised(ada, at=slot["start"])
        again = await ada.ask("callback", {"number": "+49 30 123456"})
        assert (again.status_code, again.json()["code"]) == (422, "asked")
        taken = await ben.ask("callback", {"number": NUMBER, "at": slot["start"]})
        assert taken.json()["code"] == "slot-taken"
        assert slot not in (await ben.done("callback-form"))["form"]["slots"]
        odd = await ben.ask("callback", {"number": NUMBER, "at": slot["start"] + MINUTE})
        assert odd.json()["code"] == "slot-taken"


@pytest.mark.parametrize(
    ("number", "country", "code"),
    [
        ("", "DE", "number-missing"),
        ("12", "DE", "number-too-short"),
        ("0900 1234567", "DE", "number-costly"),
        ("+1 202 555 01234567890", "", "number-too-long"),
        ("<b>0</b>", "DE", "number-wrong"),
    ],
)
async def test_a_wrong_number_is_told_by_a_code_that_every_language_has(
    server: DeskServer, number: str, country: str, code: str
) -> None:
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        told = (await ada.ask("callback", {"number": number, "country": country})).json()
        assert (told["code"], told["field"]) == (code, "number")
        assert all(code in said_in("calls", tag) for tag in assets.languages())


async def test_nobody_sees_or_changes_another_s_callback(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, browser(await address_of(server)) as eve:
        await ada.visit()
        await eve.visit()
        told = await promised(ada)
        assert (await eve.done("callback-form"))["form"]["mine"] == []
        page, token = page_of(ada, told), told["token"]
        number, _, seal = token.partition(".")
        guesses = [
            f"{number}.{seal[::-1]}",
            f"{number}.",
            number,
            f"2.{seal}",
            f"{number}.{'a' * 32}",
            "..%2f..",
            "%00",
        ]
        for guess in guesses:
            url = f"{ada.url}/larkspur/callback/{guess}"
            assert get(url).status_code == 404, guess
            assert "123456" not in get(url).text
            assert "told=settled" in post(url, ada.url, do="cancel").headers.get("Location", "told=settled")
        assert get(page.replace("larkspur", "another")).status_code == 404
        for origin in (None, "null", "https://evil.example", "http://127.0.0.1"):
            assert post(page, origin, do="cancel").status_code == 403
        assert len(await callbacks(server)) == 1


async def test_a_link_is_good_on_its_own_site_only(new_desk: Callable[..., DeskServer]) -> None:
    other = SITE.partition("[accounts.support]")[0].replace("accounts.site", "accounts.other")
    server = new_desk(CALLS + other).start()
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        told = await promised(ada)
        there = await address_of(server, "other")
        assert get(f"{there}/larkspur/callback/{told['token']}").status_code == 404
        assert (
            post(f"{there}/larkspur/callback/{told['token']}", there, do="cancel")
            .headers["Location"]
            .endswith("settled")
        )
        assert len(await callbacks(server)) == 1


class Texts(HTMLParser):
    """The tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


async def test_what_is_said_is_text_on_the_page_and_harmless_for_reps(server: DeskServer) -> None:
    bad = "</p><img src=x onerror=alert(1)><script>alert(1)</script>\x1b]0;pwned\x07\u202e[@click=app.quit]x[/]"
    async with browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        await ada.done("me", {"name": bad[:100]})
        told = await promised(ada, reason=bad)
        shown = get(f"{page_of(ada, told)}?told=%3Cscript%3E&zone=%22%3E%3Cimg%20src=x%3E")
        parser = Texts()
        parser.feed(shown.text)
        assert not {"img", "script"} & set(parser.tags)
        [kept] = await client.callbacks()
        row = await client.conversation(kept.conversation_id)
        for text in (kept.reason, row.subject, row.snippet, row.customer_name):
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", text)


async def test_who_asks_too_often_waits(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        answers = [(await ada.ask("callback", {"number": f"030 12345{n}"})).status_code for n in range(8)]
        assert answers == [201] * 5 + [429] * 3


async def test_a_stranger_and_a_foreign_page_ask_nothing(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as nobody, browser(url, origin="https://evil.example") as foreign:
        assert (await nobody.ask("callback", {"number": NUMBER})).status_code == 401
        assert (await foreign.ask("callback-form")).status_code == 403
    assert await callbacks(server) == []


async def test_a_site_that_calls_nobody_offers_nothing(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(CALLS.replace('key = "larkspur"', 'key = "larkspur"\ncallbacks = "off"', 1)).start()
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        assert (await ada.ask("callback", {"number": NUMBER})).status_code == 404
        assert 'data-callbacks="off"' in get(f"{ada.url}/larkspur/panel").text


@pytest.mark.parametrize("tag", assets.languages())
def test_a_language_says_everything_of_callbacks(tag: str) -> None:
    own, english = said_in("calls", tag), said_in("calls", "en")
    assert own.keys() == english.keys()
    for key, text in english.items():
        assert type(own[key]) is type(text), key
        if isinstance(text, list):
            assert len(own[key]) == len(text)
        else:
            assert set(re.findall(r"\{\w+\}", own[key])) == set(re.findall(r"\{\w+\}", text)), key
    assert words(f"{tag}-XX").tag == tag


def test_an_unknown_language_is_english_and_no_name_is_a_path() -> None:
    for language in ("", "xx", "../calls/de", "de.json"):
        assert words(language).tag == "en"
    folder = Path(assets.__file__).parent / "languages" / "calls"
    assert {path.stem for path in folder.iterdir()} == set(assets.languages())
    assert all(msgspec.json.decode(path.read_bytes()) for path in folder.iterdir())
