"""The chat as a visitor has it, in a real browser on a shop's page, with a real server and a rep behind it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.screens.waiting import until
from tests.servers.desk import DeskServer
from tests.web.pages import BUBBLE, Rep, Shop, Visitor, shop

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]
HOSTILE = (
    '<img src=x onerror=alert(1)> <script>alert(2)</script> "\' javascript:alert(3) https://a.example/"onx=alert(4)'
)


async def test_a_chat_there_and_back_until_its_end(visitor: Visitor, rep: Rep) -> None:
    await visitor.open()
    await expect(visitor.panel.get_by_text("We are here for you")).to_be_visible()
    await visitor.say("Does it fit a child?")
    await expect(visitor.lines).to_have_text(["Does it fit a child?"])
    assert await rep.said() == ["Does it fit a child?"]
    await rep.answer("From four years on: https://larkspur.example/finch.")
    link = visitor.panel.get_by_role("link", name="https://larkspur.example/finch", exact=True)
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(visitor.panel.get_by_text("You are talking with mia")).to_be_visible()
    await expect(visitor.panel.locator(".mark").first).to_have_text("Seen")
    await visitor.panel.get_by_role("button", name="End chat").click()
    await visitor.panel.get_by_role("button", name="Yes, end it").click()
    await visitor.panel.get_by_role("radio", name="Very good").press("Space")
    await visitor.panel.get_by_role("button", name="Send rating").click()
    await expect(visitor.panel.get_by_text("Thank you for your rating.")).to_be_visible()
    await visitor.panel.get_by_role("button", name="Start a new chat").click()
    await visitor.say("Me again")
    await expect(visitor.lines).to_have_count(3)
    assert {row.subject for row in await rep.chats()} == {"Does it fit a child?", "Me again"}


async def test_reload_and_a_second_tab_have_all_of_it_once(visitor: Visitor, rep: Rep) -> None:
    await visitor.open()
    await visitor.say("First")
    await expect(visitor.lines).to_have_text(["First"])
    other = await (await visitor.tab()).open()
    await expect(other.lines).to_have_text(["First"])
    await other.say("From the other tab")
    await visitor.page.reload()
    await expect(visitor.lines).to_have_text(["First", "From the other tab"])
    await rep.answer("Answer")
    for each in (visitor, other):
        await expect(each.lines).to_have_text(["First", "From the other tab", "Answer"])
    assert await rep.said() == ["First", "From the other tab"]


async def test_what_is_written_without_a_connection_arrives_once(visitor: Visitor, rep: Rep) -> None:
    await visitor.open()
    await visitor.say("Before")
    await expect(visitor.lines).to_have_text(["Before"])
    await visitor.context.set_offline(True)
    await visitor.say("Meanwhile 1")
    await visitor.say("Meanwhile 2")
    await expect(visitor.panel.locator(".unsent .mark")).to_have_text(["Sending…", "Sending…"])
    await expect(visitor.panel.get_by_text("No connection.")).to_be_visible()
    await visitor.context.set_offline(False)
    await expect(visitor.lines).to_have_text(["Before", "Meanwhile 1", "Meanwhile 2"])
    await expect(visitor.panel.locator(".unsent .line")).to_have_count(0)
    assert await rep.said() == ["Before", "Meanwhile 1", "Meanwhile 2"]


async def test_what_was_not_answered_goes_out_again_under_the_same_id(visitor: Visitor, rep: Rep) -> None:
    await visitor.open()
    await expect(visitor.panel.get_by_text("We are here for you")).to_be_visible()
    swallowed: list[str] = []

    async def swallow(route) -> None:  # type: ignore[no-untyped-def]
        if swallowed:
            return await route.continue_()
        await route.fetch()
        swallowed.append(route.request.post_data)
        return await route.abort()

    await visitor.page.route("**/messages", swallow)
    await visitor.say("Once")
    await expect(visitor.lines).to_have_text(["Once"])
    await until(lambda: swallowed, what="the request whose answer was lost")
    await visitor.say("Twice")
    await expect(visitor.lines).to_have_text(["Once", "Twice"])
    assert await rep.said() == ["Once", "Twice"]


async def test_hostile_text_is_text_on_both_sides(visitor: Visitor, rep: Rep) -> None:
    await visitor.open()
    await visitor.say(HOSTILE)
    await expect(visitor.lines).to_have_text([HOSTILE])
    await rep.answer(HOSTILE)
    await expect(visitor.lines).to_have_text([HOSTILE, HOSTILE])
    assert await visitor.panel.locator("main img, main script").count() == 0
    links = visitor.panel.get_by_role("link")
    assert [await each.get_attribute("href") for each in await links.all()] == ["https://a.example/"] * 2
    assert await rep.said() == [HOSTILE]


async def test_when_nobody_is_here_an_address_can_be_left(visitor: Visitor, server: DeskServer) -> None:
    await visitor.open()
    panel = visitor.panel
    await expect(panel.get_by_text("Nobody is here right now")).to_be_visible()
    email = panel.get_by_role("textbox", name="Your e-mail address")
    await panel.get_by_role("textbox", name="Your name").fill("<b>Ada</b>")
    await email.fill("nonsense")
    await email.press("Enter")
    await expect(panel.get_by_text("Please enter an address")).to_be_visible()
    await email.fill("ada@example.com")
    await email.press("Enter")
    await expect(panel.get_by_text("We will answer to ada@example.com.")).to_be_visible()
    await visitor.say("Please write to me")
    await expect(visitor.lines).to_have_count(1)
    async with server.client() as client:
        [row] = await Rep(client).chats()
        assert row.customer_name == "<b>Ada</b>"


async def test_by_the_keyboard_alone(visitor: Visitor, rep: Rep) -> None:
    page = visitor.page
    await visitor.bubble.focus()
    await page.keyboard.press("Enter")
    await expect(visitor.writing).to_be_focused()
    await page.keyboard.type("One")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("Two")
    await page.keyboard.press("Enter")
    await expect(visitor.lines).to_have_text(["One\nTwo"])
    await page.keyboard.press("Escape")
    await expect(visitor.bubble).to_be_focused()
    await expect(visitor.bubble).to_have_attribute("aria-expanded", "false")
    await rep.answer("Three")
    await expect(visitor.bubble).to_have_attribute("aria-label", f"{BUBBLE}, 1 new message")
    await page.reload()
    await expect(visitor.bubble).to_have_attribute("aria-label", f"{BUBBLE}, 1 new message")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(visitor.lines.last).to_be_visible()
    await rep.read()
    await page.keyboard.press("Escape")
    await expect(visitor.bubble).to_have_attribute("aria-label", BUBBLE)


async def test_a_small_screen_is_filled_in_the_visitors_language(chrome: Browser, pages: Shop, rep: Rep) -> None:
    view = {"width": 360, "height": 640}
    context = await chrome.new_context(locale="de-AT", viewport=view, has_touch=True, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(pages.origin)
    await page.get_by_role("button", name="Chatten Sie mit uns").tap()
    assert await page.locator("desk-chat iframe").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
    panel = page.frame_locator("desk-chat iframe")
    await expect(panel.locator("html")).to_have_attribute("lang", "de")
    await expect(panel.get_by_role("button", name="Chat schließen")).to_be_visible()
    assert await page.evaluate("document.body.inert"), "nobody reaches what lies behind it"
    await expect(page.locator("desk-chat .bubble")).to_be_hidden()
    await panel.get_by_role("button", name="Chat schließen").tap()
    await expect(page.locator("desk-chat iframe")).to_be_hidden()
    assert not await page.evaluate("document.body.inert")
    await expect(page.locator("desk-chat .bubble")).to_be_focused()
    await context.close()


async def test_only_one_name_is_added_to_the_page(visitor: Visitor, pages: Shop) -> None:
    await visitor.open()
    blank = await visitor.context.new_page()
    await blank.goto(f"{pages.origin}/plain")
    names = "Object.getOwnPropertyNames(window)"
    added = set(await visitor.page.evaluate(names)) - set(await blank.evaluate(names))
    assert {each for each in added if not each.isdigit()} == {"desk"}


async def test_nobody_elses_page_can_show_the_panel(visitor: Visitor, chrome: Browser, pages: Shop) -> None:
    with shop() as elsewhere:
        elsewhere.url = pages.url
        context = await chrome.new_context(locale="en-GB")
        page = await context.new_page()
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        await page.goto(elsewhere.origin)
        await page.locator("desk-chat button").click()
        await until(lambda: any("frame-ancestors" in each for each in refused), what="the refusal")
        assert await page.frame_locator("desk-chat iframe").locator("main").count() == 0
        await context.close()
