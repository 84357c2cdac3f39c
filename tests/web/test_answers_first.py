"""Answers before a person, in a real browser: what a page needs, what is found while it is typed, and the way on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from tests.screens.waiting import until
from tests.servers.desk import DeskServer
from tests.web.articles import write_articles
from tests.web.pages import Rep, Shop, Visitor
from tests.web.visitors import SHOP, SITE, address_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]


@pytest_asyncio.fixture(loop_scope="session")
async def server(pages: Shop) -> AsyncIterator[DeskServer]:
    with DeskServer(SITE.replace(SHOP, pages.origin)) as desk:
        write_articles(desk.home.folder)
        desk.start()
        pages.url = await address_of(desk)
        yield desk


async def test_what_a_page_needs_is_read_judged_and_left(visitor: Visitor, server: DeskServer) -> None:
    await visitor.page.goto(visitor.page.url + "checkout/pay?token=secret")
    await visitor.ask()
    await expect(visitor.search).to_be_focused()
    panel = visitor.panel
    await expect(panel.get_by_text("Often needed here")).to_be_visible()
    await panel.get_by_role("button", name="Cancel an order").press("Enter")
    heading = panel.get_by_role("heading", name="Cancel an order")
    await expect(heading).to_be_focused()
    await panel.get_by_role("link", name="returns").click()
    await expect(panel.get_by_role("heading", name="Send something back")).to_be_focused()
    await expect(panel.get_by_text("<script>alert(1)</script>")).to_be_visible()
    await expect(panel.get_by_role("img", name="x")).to_be_visible()
    await panel.get_by_role("button", name="Yes").click()
    await expect(panel.get_by_text("Thank you!")).to_be_focused()
    await panel.get_by_role("button", name="Back to the answers").click()
    await expect(panel.get_by_role("button", name="Cancel an order")).to_be_focused()
    async with server.client() as client:
        counts = {each.slug: each for each in await client.article_counts()}
        assert (counts["orders/cancel"].opened, counts["returns"].solved) == (1, 1)


async def test_what_was_asked_in_vain_is_what_a_person_hears_first(visitor: Visitor, rep: Rep) -> None:
    await visitor.ask()
    await visitor.search.fill("send b")
    await expect(visitor.panel.get_by_role("button", name="Send something back")).to_be_visible()
    await visitor.search.fill("Do you rent tandems?")
    await expect(visitor.panel.get_by_text("Nothing is found for that.")).to_be_visible()
    await visitor.panel.get_by_role("button", name="Chat with us").click()
    await expect(visitor.writing).to_be_focused()
    await expect(visitor.writing).to_have_value("Do you rent tandems?")
    await visitor.writing.press("Enter")
    await expect(visitor.lines).to_have_text(["Do you rent tandems?"])
    assert await rep.said() == ["Do you rent tandems?"]
    [gap] = await rep.client.article_gaps()
    assert (gap.words, gap.person) == ("Do you rent tandems?", 1)


async def test_from_the_answers_one_step_to_a_call_by_the_keyboard_alone(visitor: Visitor, server: DeskServer) -> None:
    page, panel = visitor.page, visitor.panel
    await visitor.bubble.focus()
    await page.keyboard.press("Enter")
    await expect(visitor.search).to_be_focused()
    await page.keyboard.type("Do you rent tandems?")
    await expect(panel.get_by_text("Nothing is found for that.")).to_be_visible()
    call = panel.get_by_role("button", name="Have us call you")
    for _ in range(5):
        await page.keyboard.press("Tab")
        if await call.evaluate("(each) => each === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    number = panel.get_by_label("Your telephone number")
    await expect(number).to_be_focused()
    await expect(panel.get_by_label("What is it about?")).to_have_value("Do you rent tandems?")
    await panel.get_by_role("button", name="Back", exact=True).press("Enter")
    await expect(call).to_be_focused()
    await expect(visitor.search).to_have_value("Do you rent tandems?")
    await page.keyboard.press("Enter")
    await expect(number).to_be_focused()
    await page.keyboard.type("+49 30 123456")
    await page.keyboard.press("Enter")
    await expect(panel.get_by_text("We will call +49 30 123456")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(visitor.bubble).to_be_focused()
    async with server.client() as client:
        [callback] = await client.callbacks()
        [gap] = await client.article_gaps()
    assert callback.reason == "Do you rent tandems?"
    assert (gap.words, gap.person) == ("Do you rent tandems?", 1)


async def test_who_is_talking_comes_back_to_the_chat_and_finds_the_answers_from_there(
    visitor: Visitor, rep: Rep
) -> None:
    await visitor.ask()
    panel = visitor.panel
    await panel.get_by_role("button", name="Chat with us").click()
    await visitor.say("Hello")
    await expect(visitor.lines).to_have_text(["Hello"])
    await visitor.page.reload()
    await expect(visitor.lines).to_have_text(["Hello"])
    await panel.get_by_role("button", name="Back to the answers").click()
    await expect(visitor.search).to_be_focused()
    await rep.answer("Hi")
    await panel.get_by_role("button", name="New messages").click()
    await expect(visitor.lines).to_have_text(["Hello", "Hi"])
    await rep.read()


async def test_an_answer_that_comes_late_is_not_shown(visitor: Visitor, server: DeskServer) -> None:
    await visitor.ask()
    held: list[Route] = []

    async def hold(route: Route) -> None:
        if not held and "send" in (route.request.post_data or ""):
            return held.append(route)
        return await route.continue_()

    await visitor.page.route("**/find", hold)
    await visitor.search.fill("send")
    await until(lambda: held, what="the first search")
    await visitor.search.fill("cancel")
    found = visitor.panel.locator("#found .title")
    await expect(found).to_have_text(["Cancel an order"])
    await held[0].continue_()
    late = await held[0].request.response()
    assert late
    await late.finished()
    await expect(found).to_have_text(["Cancel an order"])


async def test_a_search_without_a_connection_goes_on_by_itself(visitor: Visitor, server: DeskServer) -> None:
    await visitor.ask()
    await visitor.context.set_offline(True)
    await visitor.search.fill("cancel")
    await expect(visitor.panel.get_by_role("alert").filter(has_text="did not work")).to_be_visible()
    await visitor.context.set_offline(False)
    await expect(visitor.panel.locator("#found .title")).to_have_text(["Cancel an order"])
    await expect(visitor.panel.get_by_text("did not work")).to_have_count(0)


async def test_without_the_part_that_answers_it_is_a_chat(visitor: Visitor, rep: Rep) -> None:
    await visitor.page.route("**/static/answers.js*", lambda route: route.abort())
    await visitor.open()
    await visitor.say("Hello")
    await expect(visitor.lines).to_have_text(["Hello"])
    await expect(visitor.panel.get_by_role("button", name="Back to the answers")).to_be_hidden()


async def test_a_small_screen_in_another_language(chrome: Browser, pages: Shop, server: DeskServer) -> None:
    context = await chrome.new_context(locale="de-AT", viewport={"width": 360, "height": 560}, has_touch=True)
    page = await context.new_page()
    await page.goto(f"{pages.origin}/checkout")
    await page.get_by_role("button", name="Chatten Sie mit uns").tap()
    panel = page.frame_locator("desk-chat iframe")
    await expect(panel.get_by_role("searchbox", name="Nach Antworten suchen")).not_to_be_focused()
    await panel.get_by_role("searchbox").fill("stornieren")
    await panel.get_by_role("button", name="Eine Bestellung stornieren").tap()
    await expect(panel.get_by_text("Bis sie das Haus verlässt.")).to_be_visible()
    await panel.get_by_role("button", name="Nein").tap()
    await expect(panel.get_by_text("Das tut uns leid.")).to_be_visible()
    await context.close()
