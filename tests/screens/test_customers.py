"""Customers: their pane, editing in place, the timeline, records of other systems, merging, and their own screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from desk.app import DeskApp
from desk.client import Refused
from desk.clock import SystemClock
from desk.model import Customer, CustomerEdit, Identity
from screens.confirm import Confirm
from screens.customer import CustomerPane
from screens.customers.screen import CustomersScreen
from screens.notes import CustomerNotes
from screens.picker import Picker
from screens.prompt import Prompt
from screens.sheet import Sheet
from tests.screens.conftest import UNREACHABLE, filled, screen_text, shows, terminal, until
from tests.screens.driving import do, keys, line
from tests.server.test_lookups import Shop
from tests.servers.desk import DeskServer, password
from tests.servers.patience import Deadline


async def find(server: DeskServer, name: str) -> Customer:
    """The customer of that name, as the server has them."""
    async with server.client() as client:
        [customer] = [each for each in await client.find_customers(name) if each.name.startswith(name)]
        return customer


async def to_pane(app: DeskApp, pilot: Pilot[None], server: DeskServer, name: str) -> CustomerPane:
    """Read a conversation of theirs, and go to their pane."""
    customer = await find(server, name)
    async with server.client() as client:
        [row, *_] = await client.customer_conversations(customer.id)
    await line(app, pilot, f"show {row.id}")
    read, pane = app.inbox.conversation, app.inbox.customer
    await until(lambda: read.conversation is not None and read.conversation.id == row.id, what="the conversation")
    await until(lambda: app.inbox.page_name == "conversation", what="its page")
    await until(lambda: pane.customer is not None and pane.customer.id == customer.id, what=name)
    app.inbox.turn_to("customer")
    await until(lambda: pane.has_focus and pane.count > 0, what="the pane")
    return pane


async def typed(app: DeskApp, pilot: Pilot[None], text: str) -> None:
    """Answer what is asked at the bottom of the screen."""
    await until(lambda: any(each.asking for each in app.screen.query(Prompt)), what="a question")
    app.screen.query_one(Prompt).entry.value = text
    await pilot.press("enter")


async def known(server: DeskServer, name: str, true: Callable[[Customer], object]) -> None:
    """Wait until the server has it so."""
    found = await find(server, name)
    deadline = Deadline(10)
    while not true(found):
        assert not deadline.passed(), found
        found = await find(server, name)


# --- what is shown ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (250, 70)])
async def test_all_there_is_stands_in_the_pane(shop: DeskServer, size: tuple[int, int]) -> None:
    async with terminal(shop, size=size) as (app, pilot):
        pane = await to_pane(app, pilot, shop, "Claire")
        await shows(app, "Claire Dubois", "claire.dubois@", "+33 1 99 00 41 27", "LC-20428")
        lines = ["".join(text for text, _ in each.spans) for each in pane._lines]
        told = "\n".join(lines)
        for text in ("Fran", "language", "since", "conversation", "answered in"):
            assert text in told, told
        assert "Europe/Paris" in told or size[0] < 120
        assert pane.size.width == {80: 80, 120: 44, 250: 54}[size[0]]


async def test_the_cursor_walks_through_all_of_it(shop: DeskServer) -> None:
    async with terminal(shop, size=(80, 24)) as (app, pilot):
        pane = await to_pane(app, pilot, shop, "Claire")
        assert pane.cursor == ("name",)
        await pilot.press("j")
        assert pane.cursor[0] == "identity"
        await pilot.press("G")
        assert pane.cursor[0] == "chapter"
        await pilot.press("g", "g")
        assert pane.cursor == ("name",)
        await pilot.press("tab")
        assert pane.cursor[0] in ("chapter", "notes")
        await pilot.press("shift+tab")
        assert pane.cursor == ("name",)
        await line(app, pilot, "next-section")
        assert pane.cursor != ("name",)
        await line(app, pilot, "previous-section")
        assert pane.cursor == ("name",)


# --- editing in place -------------------------------------------------------------------------------------


EDITS = {
    "customer-name": ("Cr", "Claire D.", lambda one: one.name == "Claire D."),
    "customer-zone": ("Cz", "tokyo", lambda one: one.zone == "Asia/Tokyo"),
    "customer-language": ("Cl", "pt-BR", lambda one: one.language == "pt-BR"),
    "customer-tag": ("Ct", "+vip", lambda one: one.tags == ("vip",)),
    "customer-add": ("Ca", "size: M", lambda one: one.attributes.get("size") == "M"),
}


@pytest.mark.parametrize("action", EDITS)
@pytest.mark.parametrize("by", ["key", "line"])
async def test_each_edit_by_key_and_by_line_and_back(shop: DeskServer, action: str, by: str) -> None:
    pressed, text, true = EDITS[action]
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        before = await find(shop, "Claire")
        await to_pane(app, pilot, shop, "Claire")
        if by == "key":
            await keys(pilot, pressed)
            await typed(app, pilot, text)
        else:
            await line(app, pilot, f"{action} {text}")
        await known(shop, "Claire", true)
        await pilot.press("u")
        await known(shop, "Claire", lambda one: not true(one))
        after = await find(shop, "Claire")
        assert (after.name, after.zone, after.tags, after.attributes) == (
            before.name,
            before.zone,
            before.tags,
            before.attributes,
        )


async def test_who_wants_no_automatic_mail_is_noted_told_and_taken_back(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        pane = await to_pane(app, pilot, shop, "Claire")
        await keys(pilot, "Cx")
        await until(lambda: ("refusal", pane.customer.address) in [each.key for each in pane._items], what="the line")  # type: ignore[union-attr]
        await shows(app, "no automatic mail")
        [refusal] = await client.refusals()
        assert (refusal.source, refusal.refuses) == ("rep", True)
        pane.cursor = ("refusal", refusal.address)
        await pilot.press("enter")
        await until(lambda: all(each.key is None or each.key[0] != "refusal" for each in pane._items), what="no line")
        assert await client.refusals() == []


async def test_the_line_under_the_cursor_is_edited(shop: DeskServer) -> None:
    async with terminal(shop, size=(80, 24)) as (app, pilot):
        pane = await to_pane(app, pilot, shop, "Claire")
        await pilot.press("j", "enter")
        await typed(app, pilot, "claire@home.example")
        await known(shop, "Claire", lambda one: one.address == "claire@home.example")
        assert len((await find(shop, "Claire")).identities) == 2
        pane.cursor = ("attribute", "LC-20428")
        await pilot.press("enter")
        await typed(app, pilot, "returned")
        await known(shop, "Claire", lambda one: one.attributes["LC-20428"] == "returned")
        await shows(app, "returned")
        pane.cursor = ("attribute", "LC-20428")
        await pilot.press("C", "d")
        await known(shop, "Claire", lambda one: "LC-20428" not in one.attributes)
        await line(app, pilot, "customer-add claire@work.example")
        await known(shop, "Claire", lambda one: len(one.identities) == 3)
        await line(app, pilot, "customer-address claire@work.example")
        await known(shop, "Claire", lambda one: one.address == "claire@work.example")
        await line(app, pilot, "customer-remove claire@home.example")
        await known(shop, "Claire", lambda one: len(one.identities) == 2)


async def test_what_cannot_be_stays_in_the_line(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        await to_pane(app, pilot, shop, "Claire")
        await line(app, pilot, "customer-add ben.carter@quickmail.example")
        await shows(app, "ben.carter@quickmail.example")
        assert app.screen.query_one(Prompt).entry.value == "ben.carter@quickmail.example"
        assert app.desk.news is not None
        assert "belongs to Ben Carter" in app.desk.news.text
        await pilot.press("escape")


async def test_an_edit_that_meets_another_is_shown_and_loses_nothing(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client("tom") as tom:
        await to_pane(app, pilot, shop, "Claire")
        id = (await find(shop, "Claire")).id
        await pilot.press("C", "r")
        await until(lambda: any(each.asking for each in app.screen.query(Prompt)), what="a question")
        await tom.edit_customer(id, CustomerEdit(zone="Asia/Tokyo"))
        await tom.edit_customer(id, CustomerEdit(name="Claire of Tom"))
        await typed(app, pilot, "Claire of Mia")
        await until(lambda: app.desk.news is not None and "Claire of Tom" in app.desk.news.text, what="the conflict")
        prompt = app.screen.query_one(Prompt)
        await until(lambda: prompt.asking, what="the question again")
        assert prompt.entry.value == "Claire of Mia"
        await pilot.press("enter")
        await known(shop, "Claire", lambda one: (one.name, one.zone) == ("Claire of Mia", "Asia/Tokyo"))


async def test_another_field_changed_meanwhile_is_in_nobodys_way(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client("tom") as tom:
        await to_pane(app, pilot, shop, "Claire")
        await pilot.press("C", "r")
        await until(lambda: any(each.asking for each in app.screen.query(Prompt)), what="a question")
        await tom.edit_customer((await find(shop, "Claire")).id, CustomerEdit(zone="Asia/Tokyo"))
        await typed(app, pilot, "Claire D.")
        await known(shop, "Claire", lambda one: (one.name, one.zone) == ("Claire D.", "Asia/Tokyo"))


@pytest.mark.parametrize("way", ["Cn", ":customer-notes"])
async def test_notes_are_kept_and_what_was_begun_is_not_lost(shop: DeskServer, way: str) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client("tom") as tom:
        await to_pane(app, pilot, shop, "Claire")

        async def open_notes() -> CustomerNotes:
            await do(app, pilot, way)
            await until(lambda: isinstance(app.screen, CustomerNotes), what="notes")
            notes = app.screen
            assert isinstance(notes, CustomerNotes)
            await until(lambda: notes.editor.has_focus, what="what was noted")
            return notes

        notes = await open_notes()
        notes.editor.put("likes tea")
        await pilot.press("escape")
        assert (await find(shop, "Claire")).notes == ""
        notes = await open_notes()
        assert notes.editor.text == "likes tea"
        await tom.edit_customer((await find(shop, "Claire")).id, CustomerEdit(notes="hates tea"))
        await pilot.press("ctrl+j")
        await until(lambda: "hates tea" in notes.editor.text, what="both texts")
        assert notes.editor.text == "hates tea\n\nlikes tea"
        await pilot.press("ctrl+j")
        await known(shop, "Claire", lambda one: one.notes == "hates tea\n\nlikes tea")


# --- the timeline -----------------------------------------------------------------------------------------


async def test_a_conversation_opens_in_place_and_leads_back(shop: DeskServer) -> None:
    async with terminal(shop, size=(200, 60)) as (app, pilot):
        pane = await to_pane(app, pilot, shop, "Marta")
        first = pane.current
        await pilot.press("G")
        assert pane.cursor[0] == "chapter"
        other = int(pane.cursor[1])
        assert other != first
        await pilot.press("enter")
        await until(lambda: pane.current == other, what="the other one marked")
        assert app.inbox.context == "conversation"
        await pilot.press("escape")
        await until(lambda: pane.current == first and pane.has_focus, what="back")
        assert pane.cursor == ("chapter", str(other))


async def test_a_long_timeline_comes_as_it_is_read(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(UNREACHABLE, environment=password("shop"))
    from desk.store.sqlite.store import open_store

    store = open_store(server.home.database, blobs=server.home.attachments)
    now = SystemClock().now()
    with store.write():
        id = store.customers.create("Old Hand", [Identity(kind="email", value="o@x.example")], now)
        for number in range(260):
            store.conversations.create(
                subject=f"matter {number}", channel="email", account="shop", customer_id=id, at=now - number * 60_000
            )
    store.close()
    async with terminal(server.start(), size=(120, 40)) as (app, pilot):
        pane = await to_pane(app, pilot, server, "Old Hand")
        assert (len(pane.dossier.chapters), pane.dossier.total) == (50, 260)
        for _ in range(5):
            here = len(pane.dossier.chapters)
            await pilot.press("G")
            await until(lambda here=here: len(pane.dossier.chapters) > here, what="older ones")  # type: ignore[misc]
        assert len(pane.dossier.chapters) == 260
        ids = [chapter.conversation.id for chapter in pane.dossier.chapters]
        assert ids == sorted(ids)


# --- records of other systems -----------------------------------------------------------------------------


@pytest.fixture
def other() -> Iterator[Shop]:
    """A real HTTP server that knows of orders."""
    import threading

    server = Shop()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def lookup(url: str, name: str, path: str) -> str:
    return f"""
[lookup.{name}]
url = "{url}/{path}?email={{customer.email}}"
timeout_seconds = 4.0
cache_seconds = 600
show = [
  {{ label = "Orders", value = "{{total}}" }},
  {{ each = "orders", label = "#{{number}}", value = "{{status}}" }},
]
"""


async def test_records_arrive_one_by_one_and_nobody_waits(new_desk: Callable[..., DeskServer], other: Shop) -> None:
    settings = UNREACHABLE + "".join(lookup(other.url, name, name) for name in ("orders", "slow", "error"))
    server = filled(new_desk(settings, environment=password("shop")), SystemClock())
    async with terminal(server, size=(80, 40)) as (app, pilot):
        pane = await to_pane(app, pilot, server, "Claire")
        await shows(app, "Claire Dubois", "answered in")
        await pilot.press("j", "j")
        assert pane.cursor[0] == "identity"
        await shows(app, "#A1", "sent", "slow  asking…", "it answered 500")
        text = screen_text(app)
        assert "#A2␛[2J\ufffd" in text, "what they sent is shown, not obeyed"
        asked = len(other.asked)
        await pilot.press("C", "u")
        await until(lambda: any("/orders" in path for path, _ in other.asked[asked:]), what="asked anew")
        await shows(app, "no answer within 4 s", seconds=12)
        pane.cursor = ("lookup", "orders", "1")
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Sheet), what="all of it")
        await pilot.press("escape")
        await line(app, pilot, "customer-lookups")
        await shows(app, "asking 3 systems again")


# --- two that are one -------------------------------------------------------------------------------------


async def test_a_possible_duplicate_is_offered_shown_merged_and_taken_back(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 50)) as (app, pilot):
        pane = await to_pane(app, pilot, shop, "Ben Carter")
        await shows(app, "perhaps the same", "Benjamin Carter", "the same phone")
        other = next(each.customer.id for each in pane.dossier.alike if each.customer.name == "Benjamin Carter")
        pane.cursor = ("alike", str(other))
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Confirm), what="the preview")
        await shows(app, "Merge Benjamin Carter into Ben Carter?", "b.carter@redwood-labs.example", "both, one below")
        await pilot.press("n")
        assert len((await find(shop, "Ben Carter")).identities) == 2
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Confirm), what="the preview")
        await pilot.press("y")
        await known(shop, "Ben Carter", lambda one: len(one.identities) == 4)
        await shows(app, "are one now", "b.carter@redwood")
        await pilot.press("u")
        await known(shop, "Ben Carter", lambda one: len(one.identities) == 2)


@pytest.mark.parametrize("way", ["key", "line"])
async def test_anybody_can_be_merged(shop: DeskServer, way: str) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        await to_pane(app, pilot, shop, "Claire")
        wanda = await find(shop, "Wanda")
        if way == "line":
            await line(app, pilot, f"merge-customer {wanda.id}")
        else:
            await pilot.press("ampersand")
            await until(lambda: isinstance(app.screen, Picker), what="who else")
            await keys(pilot, "wanda")
            await shows(app, "Wanda Kowalczyk")
            await until(
                lambda: isinstance(app.screen, Picker) and len(app.screen.source.rows) == 1,
                what="only her",
            )
            await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Confirm), what="the preview")
        await pilot.press("y")
        await known(shop, "Claire", lambda one: len(one.identities) == 3)
        async with shop.client() as client:
            assert (await client.customer(wanda.id)).merged_into == (await find(shop, "Claire")).id


# --- the screen of customers ------------------------------------------------------------------------------


async def to_customers(app: DeskApp, pilot: Pilot[None], way: str = "gp") -> CustomersScreen:
    await do(app, pilot, way)
    await until(lambda: isinstance(app.screen, CustomersScreen), what="customers", otherwise=lambda: screen_text(app))
    assert isinstance(app.screen, CustomersScreen)
    return app.screen


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (250, 70)])
@pytest.mark.parametrize("way", ["gp", ":customers"])
async def test_somebody_is_found_while_being_typed(shop: DeskServer, size: tuple[int, int], way: str) -> None:
    async with terminal(shop, size=size) as (app, pilot):
        screen = await to_customers(app, pilot, way)
        await shows(app, "met last")
        await keys(pilot, "okafor")
        await shows(app, "Marta Okafor", "1 found for okafor")
        await pilot.press("enter")
        await until(lambda: screen.customer.has_focus, what="her pane")
        await shows(app, "marta.okafor@", "LC-20417")
        await pilot.press("G", "enter")
        await until(lambda: app.screen is app.inbox, what="the inbox")
        conversation = app.inbox.conversation.conversation
        assert conversation is not None
        assert conversation.customer_name == "Marta Okafor"
        await pilot.press("escape")
        await until(
            lambda: isinstance(app.screen, CustomersScreen),
            what="back among customers",
            otherwise=lambda: f"{app.desk.news}\n{screen_text(app)}",
        )
        await shows(app, "LC-20417")
        await pilot.press("escape")
        await until(lambda: getattr(app.screen, "context", "") == "customers", what="the list")
        await pilot.press("escape")
        await until(lambda: app.screen is app.inbox, what="the inbox")


async def test_what_is_typed_at_once_is_typed_into_the_line(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        await pilot.press("g", "p", "w", "a", "n", "d", "a")
        await until(lambda: isinstance(app.screen, CustomersScreen), what="customers")
        await shows(app, "1 found for wanda")
        await pilot.press("down", "up", "escape", "slash", *["backspace"] * 5, "x", "q", "x")
        await shows(app, "nobody is called xqx")


@pytest.mark.parametrize("way", ["Cc", ":new-customer Nell New, nell@new.example, +49 30 23125 001"])
async def test_a_new_customer_and_back(shop: DeskServer, way: str) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        screen = await to_customers(app, pilot)
        await pilot.press("escape")
        await do(app, pilot, way)
        if way == "Cc":
            await typed(app, pilot, "Nell New, nell@new.example, +49 30 23125 001")
        await shows(app, "Nell New", "nell@new.example", "+49 30 23125001", "Germany")
        await until(lambda: screen.customer.has_focus, what="her pane")
        await pilot.press("u")
        await shows(app, "undone: new customer Nell New")
        async with shop.client() as client:
            assert await client.find_customers("nell@new") == []


@pytest.mark.parametrize("way", ["Cw", ":customer-write"])
async def test_they_are_written_to(shop: DeskServer, way: str) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        await to_customers(app, pilot)
        await keys(pilot, "okafor")
        await shows(app, "1 found")
        await pilot.press("enter")
        await do(app, pilot, way)
        await until(lambda: app.screen is app.inbox, what="the inbox")
        await until(lambda: app.inbox.context == "composer", what="the composer", otherwise=lambda: screen_text(app))
        await shows(app, "marta.okafor@brightmail.example")


@pytest.mark.parametrize("way", ["Co", ":customer-page"])
async def test_a_page_of_their_own(shop: DeskServer, way: str) -> None:
    async with terminal(shop, size=(80, 24)) as (app, pilot):
        await to_pane(app, pilot, shop, "Claire")
        await do(app, pilot, way)
        await until(lambda: isinstance(app.screen, CustomersScreen), what="her page")
        await shows(app, "Claire Dubois")


async def test_a_customer_who_is_gone_is_no_fault(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client("tom") as tom:
        pane = await to_pane(app, pilot, shop, "Claire")
        claire, wanda = await find(shop, "Claire"), await find(shop, "Wanda")
        await tom.merge_customers(wanda.id, [claire.id])
        await until(lambda: pane.customer is not None and pane.customer.id == wanda.id, what="who they are now")
        with pytest.raises(Refused):
            await tom.edit_customer(claire.id, CustomerEdit(name="x"))


async def test_all_customers_can_be_reached(new_desk: Callable[..., DeskServer], tmp_path: Path) -> None:
    for number in range(450):
        (tmp_path / f"{number}.eml").write_text(
            f"From: Ada {number} <ada{number}@x.example>\nTo: help@shop.example\nSubject: Hi\n"
            f"Date: Mon, 02 Mar 2026 10:{number // 60:02}:{number % 60:02} +0000\nMessage-ID: <{number}@x>\n\nhi\n"
        )
    server = new_desk().start()
    async with server.client() as client:
        job = await client.start_import([tmp_path])
        while job.state == "running":
            job = await client.import_job(job.id, wait=5)
        everybody = [each.id for each in await client.find_customers("", 1000)]
        assert len(everybody) == 450
    async with terminal(server, size=(120, 40)) as (app, pilot):
        await shows(app, "Ada ")
        screen = await to_customers(app, pilot)
        await shows(app, "200 and more, met last first")
        await pilot.press("escape")
        for total in (400, 450):
            await pilot.press("G")
            await until(lambda total=total: screen.source.total == total, what=f"{total}")  # type: ignore[misc]
        await pilot.press("G")
        assert screen.list.cursor == 449
        assert [row.id for row in screen.source.rows] == everybody
        await shows(app, "450, met last first")
        await pilot.press("slash")
        await keys(pilot, "ada 44")
        await shows(app, "14 found for ada 44")
        assert screen.source.total == 14
